import assert from "node:assert/strict";
import { test } from "node:test";

import {
  CONFIRM_WITHIN_MS,
  StopWatch,
  isAtRest,
} from "../../../../services/caregiver-console/page/src/base/stop.js";

const chair = (mode, felt = 0) => ({ mode, applied: { vibration_pct: felt, sound_pct: felt } });

/** A press at 1000 ms, of which the watchdog's word came at 1050. */
function pressed({ latchedAt = 1050 } = {}) {
  const watch = new StopWatch();
  watch.press(1000, "it");
  return {
    watch,
    look: (state, chairAt, now = chairAt) =>
      watch.look({ chair: state, chairAt, latched: latchedAt <= now, stopAt: latchedAt, now }),
  };
}

test("it says stopped on a report that came after the press and after the latch", () => {
  const { look } = pressed();
  assert.equal(look(chair("safe"), 990, 1010), "sent");
  assert.equal(look(chair("safe"), 1150), "stopped");
});

test("a report that was on its way before the stop took hold does not count", () => {
  const { watch, look } = pressed();
  assert.equal(look(chair("safe"), 1020), "sent");
  assert.equal(look(chair("safe"), 1050), "sent");
  assert.equal(look(chair("active", 20), 1150), "sent");
  assert.ok(watch.isOpen);
  assert.equal(look(chair("safe"), 1250), "stopped");
});

test("a stop that was latched before the press is confirmed by the next report", () => {
  const { watch, look } = pressed({ latchedAt: 200 });
  assert.equal(look(chair("safe"), 1020), "stopped");
  assert.equal(watch.isOpen, false);
});

test("a chair that still moves is not stopped", () => {
  const { look } = pressed();
  for (const mode of ["armed", "active", "rampdown", "disconnected"]) {
    assert.equal(look(chair(mode), 1100), "sent", mode);
  }
  assert.equal(look(chair("safe", 3), 1200), "sent");
});

test("without the chair's word it asks for the red button after 500 ms", () => {
  const { watch, look } = pressed();
  assert.equal(look(chair("active", 20), 1490, 1000 + CONFIRM_WITHIN_MS - 1), "sent");
  assert.equal(look(chair("active", 20), 1490, 1000 + CONFIRM_WITHIN_MS), "unconfirmed");
  assert.equal(look(undefined, -Infinity, 9000), "unconfirmed");
  assert.ok(watch.isOpen);
});

test("without the watchdog's word a chair at rest is not enough", () => {
  const { look } = pressed({ latchedAt: Infinity });
  assert.equal(look(chair("safe"), 1600), "unconfirmed");
});

test("a word that comes late still confirms, and nothing is sent any more", () => {
  const { watch, look } = pressed();
  assert.equal(look(chair("active", 20), 1700), "unconfirmed");
  assert.equal(look(chair("estop"), 1900), "stopped");
  assert.equal(watch.isOpen, false);
});

test("a session that is started later is not stopped by an old press", () => {
  const { watch, look } = pressed();
  look(chair("safe"), 1100);
  assert.equal(look(chair("active", 20), 9000), "ready");
  assert.equal(watch.isOpen, false);
  assert.equal(look(chair("safe"), 9500), "ready");
});

test("what the server says of a press ends the repeating, and is said to be the server's word", () => {
  const { watch, look } = pressed({ latchedAt: Infinity });
  assert.equal(look(undefined, -Infinity, 1600), "unconfirmed");
  assert.deepEqual(watch.repeat(1750), { id: "it", ago_ms: 750 });
  watch.tell("another", 1760);
  assert.ok(watch.isOpen);
  watch.tell("it", 1760);
  assert.equal(watch.isOpen, false);
  assert.equal(look(undefined, -Infinity, 9000), "told");
});

test("a page that hears the chair again after the server's word believes the chair", () => {
  const { watch, look } = pressed({ latchedAt: Infinity });
  watch.tell("it", 1500);
  assert.equal(look(chair("active", 20), 1550), "told");
  assert.equal(look(chair("safe"), 1700), "stopped");
  const later = pressed({ latchedAt: Infinity });
  later.watch.tell("it", 1500);
  assert.equal(later.look(chair("active", 20), 9000), "ready");
  assert.equal(later.watch.isOpen, false);
});

test("a new press is open whatever was said of the one before", () => {
  const { watch, look } = pressed({ latchedAt: Infinity });
  watch.tell("it", 1500);
  watch.press(2000, "next");
  watch.tell("it", 2010);
  assert.ok(watch.isOpen);
  assert.equal(look(undefined, -Infinity, 2600), "unconfirmed");
  assert.deepEqual(watch.repeat(2250), { id: "next", ago_ms: 250 });
});

test("an old report is none", () => {
  const unpressed = new StopWatch();
  const look = (now) =>
    unpressed.look({ chair: chair("active", 20), chairAt: 1000, latched: false, stopAt: 0, now });
  assert.equal(look(1400), "ready");
  assert.equal(look(1501), "silent");
  const after = pressed();
  assert.equal(after.look(chair("safe"), 1100), "stopped");
  assert.equal(after.look(chair("safe"), 1100, 3000), "silent");
});

test("at rest is what the chair says of its outputs and its mode", () => {
  assert.equal(isAtRest(undefined), false);
  assert.equal(isAtRest(chair("boot")), true);
  assert.equal(isAtRest(chair("fault", 1)), false);
});
