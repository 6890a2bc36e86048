import assert from "node:assert/strict";
import { test } from "node:test";

import { withRefusal } from "../../../../services/caregiver-console/page/src/base/refusals.js";
import { columnsOf, summaryOf } from "../../../../services/caregiver-console/page/src/base/trends.js";

const LAST = { began_ms: 3000, rating_before: 2, rating_after: 4, minutes: 10, end_change: "closing", stops: 0 };
const FIRST = { began_ms: 1000, rating_before: 3, rating_after: null, minutes: 20, end_change: "halted", stops: 1 };

test("a course is drawn from its oldest session on; what nobody rated is a gap", () => {
  assert.deepEqual(columnsOf([LAST, FIRST], [(each) => each.rating_after]), [[1, 3], [null, 4]]);
});

test("only who was rated before and after counts as better or worse", () => {
  const told = { count: 2, rated: 1, better: 1, worse: 0, minutes: 15, halted: 1, stops: 1 };
  assert.deepEqual(summaryOf([LAST, FIRST]), told);
  assert.equal(summaryOf([]).minutes, null);
});

test("what is refused again moves up and counts", () => {
  const start = { topic: "session/set", reason: "no face", time: "1" };
  const more = { topic: "override/set", reason: "no token", time: "2" };
  const list = [start, more, { ...start, time: "3" }].reduce(withRefusal, []);
  assert.deepEqual(list.map((each) => [each.topic, each.count, each.time]), [["session/set", 2, "3"], ["override/set", 1, "2"]]);
});
