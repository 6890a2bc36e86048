import assert from "node:assert/strict";
import { test } from "node:test";

import { doneToday, seenWith } from "../../../../services/caregiver-console/page/src/base/check.js";

test("a button that the chair reports is ticked off, and stays so", () => {
  assert.deepEqual(seenWith([], { child_less: true }), ["child_less"]);
  assert.deepEqual(seenWith(["child_less"], { child_less: false }), ["child_less"]);
  assert.deepEqual(seenWith([], undefined), []);
});

test("the acknowledge button counts only after the red one", () => {
  assert.deepEqual(seenWith([], { ack: true }), []);
  assert.deepEqual(seenWith(["estop"], { ack: true }), ["estop", "ack"]);
});

test("a check of yesterday is none", () => {
  const now = new Date("2026-11-29T12:00:00");
  assert.equal(doneToday(null, now), null);
  assert.equal(doneToday("2026-11-28T12:00:00", now), null);
  assert.equal(doneToday("2026-11-29T08:00:00", now)?.getHours(), 8);
});
