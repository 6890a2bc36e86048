/** The scenarios that there are, by their names; until they are known, a name as a person would write it. */

import { useConsole, useTopics } from "./console.js";

const AGAIN_MS = 5000;
const TOPIC = "scenarios";

/** Asks once, and again while the server knows none. */
export async function askScenarios(session, store) {
  const { scenarios = [] } = await session.get("/api/scenarios").catch(() => ({}));
  if (scenarios.length) store.merge({ [TOPIC]: scenarios });
  else setTimeout(askScenarios, AGAIN_MS, session, store);
}

/** `night-sky` as "Night sky". */
export function asTitle(name) {
  const words = (name ?? "").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function useScenarios() {
  const { speaker } = useConsole();
  const list = useTopics(TOPIC).get(TOPIC) ?? [];
  const find = (name) => list.find((scenario) => scenario.name === name);
  return {
    list,
    find,
    titleOf: (name) => (find(name) ? speaker.title(find(name)) : asTitle(name)),
  };
}
