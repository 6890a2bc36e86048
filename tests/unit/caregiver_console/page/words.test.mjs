import assert from "node:assert/strict";
import { test } from "node:test";

import { parseRoute } from "../../../../services/caregiver-console/page/src/base/address.js";
import { createStore } from "../../../../services/caregiver-console/page/src/base/store.js";
import { levelsOf, voicesOf } from "../../../../services/caregiver-console/page/src/base/levels.js";
import {
  directionOf,
  nextOf,
  questionOf,
  sayingOf,
  signalsIn,
} from "../../../../services/caregiver-console/page/src/base/words.js";
import { wedge } from "../../../../services/caregiver-console/page/src/base/wedge.js";

const speaker = { code: "en", text: (key, values) => `${key} ${JSON.stringify(values ?? {})}`, has: () => true };

test("each of the engine's questions has its answers", () => {
  assert.deepEqual(questionOf("Another face is in view: is it the child's?").answers, ["child", "other"]);
  assert.equal(questionOf("The child looks upset. Does it usually look so, or is it upset?").kind, "upset");
  assert.equal(questionOf("The child has been still for 3 min. Is it asleep?").kind, "asleep");
  assert.deepEqual(questionOf("Something new?"), { kind: "", answers: [] });
  assert.equal(questionOf(""), null);
});

test("the signals of a reason are those that it names", () => {
  const signals = ["face", "movement", "heart"].map((name) => ({ name }));
  assert.deepEqual(signalsIn("upset, by face and movement", signals), ["face", "movement"]);
  assert.deepEqual(signalsIn("calm for 30 s: a step back up", signals), []);
  assert.deepEqual(signalsIn("one step up by a caregiver", signals), []);
});

test("what a signal says is said in words", () => {
  assert.equal(sayingOf({ status: "present", log_odds_per_s: 0.4 }), "distress");
  assert.equal(sayingOf({ status: "present", log_odds_per_s: -0.4 }), "calm");
  assert.equal(sayingOf({ status: "present", log_odds_per_s: null }), "nothing");
  assert.equal(sayingOf({ status: "missing", log_odds_per_s: 0.4 }), "missing");
});

test("what comes next is what comes first", () => {
  const running = { phase: "running", next: "", minutes_left: 9.4 };
  assert.match(nextOf(running, speaker, (name) => name), /next.end .*9/);
  assert.match(nextOf({ ...running, next: "night-sky" }, speaker, () => "Night sky"), /Night sky/);
  assert.match(nextOf({ ...running, phase: "paused" }, speaker, () => ""), /next.paused/);
});

test("a change goes up, down or neither", () => {
  assert.equal(directionOf("negative"), "down");
  assert.equal(directionOf("recovered"), "up");
  assert.equal(directionOf("caregiver"), "steady");
});

test("an address that is none leads to the session", () => {
  assert.deepEqual(parseRoute("#history/c-17"), { page: "history", rest: ["c-17"] });
  assert.deepEqual(parseRoute(""), { page: "session", rest: [] });
  assert.equal(parseRoute("#nowhere").page, "session");
  assert.deepEqual(parseRoute("#history/%E0%A4%A"), { page: "history", rest: [""] });
});

test("a topic that was not heard for too long is gone, and has no age", () => {
  let now = 0;
  const store = createStore(() => now);
  store.merge({ "chair/state": { mode: "safe" }, me: { name: "Anna" } });
  now = 300;
  assert.equal(store.ageMs("chair/state"), 300);
  store.merge({ "chair/state": null });
  assert.equal(store.get("chair/state"), undefined);
  assert.equal(store.ageMs("chair/state"), Infinity);
});

test("a snapshot takes away what it does not name, but not what the page keeps itself", () => {
  const store = createStore(() => 0);
  store.merge({ "alarm/stop": {}, "chair/state": {}, me: { name: "Anna" } });
  store.replace({ "chair/state": {} }, (name) => name.includes("/"));
  assert.equal(store.get("alarm/stop"), undefined);
  assert.deepEqual(store.get("me"), { name: "Anna" });
});

test("the light's level is its brightest colour; a silent chair has none", () => {
  const light = { red_pct: 4, green_pct: 9, blue_pct: 28 };
  assert.equal(levelsOf({ applied: { vibration_pct: 1, sound_pct: 2, light } }).light, 28);
  assert.equal(levelsOf(undefined).sound, null);
  assert.deepEqual(voicesOf({ signals: [{ name: "face", status: "missing" }] }), {});
});

test("the disc is whole for thirty minutes and more, and empty at none", () => {
  assert.match(wedge(40), / 1 1 /);
  assert.match(wedge(0), / 50.00 8.00Z$/);
  assert.match(wedge(7.5), / 92.00 50.00Z$/);
});
