import assert from "node:assert/strict";
import { test } from "node:test";

import {
  changesOf,
  contraindicationsOf,
  playable,
  unchecked,
  waitingFor,
} from "../../../../services/caregiver-console/page/src/base/suitability.js";

const NIGHT = { name: "night-sky", contraindications: ["seizures", "darkness"] };
const GLOW = { name: "quiet-glow", contraindications: ["seizures"] };
const names = (scenarios) => scenarios.map((scenario) => scenario.name);

test("a scenario plays once all that speaks against it is ticked, and nobody excluded it", () => {
  assert.deepEqual(names(playable([NIGHT, GLOW], null, [])), []);
  assert.deepEqual(names(playable([NIGHT, GLOW], null, ["seizures"])), ["quiet-glow"]);
  const profile = { excluded_scenarios: ["quiet-glow"] };
  assert.deepEqual(names(playable([NIGHT, GLOW], profile, ["seizures", "darkness"])), ["night-sky"]);
});

test("each box names the scenarios that wait for it", () => {
  assert.deepEqual(contraindicationsOf([NIGHT, GLOW]), ["seizures", "darkness"]);
  assert.deepEqual(names(waitingFor("seizures", [NIGHT, GLOW])), ["night-sky", "quiet-glow"]);
  assert.deepEqual(unchecked(NIGHT, ["seizures"]), ["darkness"]);
  assert.deepEqual(unchecked(undefined, []), []);
});

test("only what differs is written; the order of a list is no difference", () => {
  const kept = { cleared_contraindications: ["a", "b"], sensory: { sound: "avoiding" }, ceiling_pct: 60 };
  assert.deepEqual(changesOf(kept, { ...kept, cleared_contraindications: ["b", "a"] }), {});
  assert.deepEqual(changesOf(kept, { ...kept, ceiling_pct: 40, sensory: {} }), { ceiling_pct: 40, sensory: {} });
});
