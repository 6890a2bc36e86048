import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, mostOf, summaryOf } from "../../../../services/caregiver-console/page/src/base/trends.js";

const LAST = { began_ms: 3000, rating_before: 2, rating_after: 4, minutes: 10, end_change: "closing", stops: 0, mean_pct: 20, known_share: 0.5, raised: 3 };
const FIRST = { began_ms: 1000, rating_before: 3, rating_after: null, minutes: 20, end_change: "halted", stops: 1 };

test("a course is drawn from its oldest session on; what nobody rated is a gap", () => {
  assert.deepEqual(columnsOf([LAST, FIRST], [(each) => each.rating_after]), [[1, 3], [null, 4]]);
});

test("only who was rated before and after counts as better or worse", () => {
  const told = { count: 2, rated: 1, better: 1, worse: 0, minutes: 15, halted: 1, stops: 1, mean_pct: 20, known_share: 0.5 };
  assert.deepEqual(summaryOf([LAST, FIRST]), told);
  assert.equal(summaryOf([]).minutes, null);
});

test("a plot of counts is as high as the most, and what an older session does not say is none", () => {
  assert.equal(mostOf([LAST, FIRST], [(each) => each.raised, (each) => each.lowered]), 3);
});
