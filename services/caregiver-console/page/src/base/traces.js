/** The last minutes of what the chair does and the signals say, for the plots. */

import { levelsOf, voicesOf } from "./levels.js";

export const KEPT_S = 180;
export const PERIOD_MS = 500;
const SIZE = (KEPT_S * 1000) / PERIOD_MS;

/** Samples the store at a steady pace, so that the plots do not begin anew with each page. */
export function createTraces(store) {
  const samples = [];

  const sample = () => {
    const chair = store.get("chair/state");
    const session = store.get("session/state");
    samples.push({
      at: Date.now() / 1000,
      ...levelsOf(chair),
      intensity: session?.intensity_pct ?? null,
      fast: session?.distress_fast ?? null,
      slow: session?.distress_slow ?? null,
      voices: voicesOf(session),
    });
    if (samples.length > SIZE) samples.shift();
    store.merge({ traces: samples.length });
  };
  setInterval(sample, PERIOD_MS);

  return {
    /** Columns for a plot: seconds, then a column for each way of reading a sample. */
    columns: (readers) => [
      samples.map((each) => each.at),
      ...readers.map((read) => samples.map((each) => read(each) ?? null)),
    ],
    names: () => [...new Set(samples.flatMap((each) => Object.keys(each.voices)))],
  };
}
