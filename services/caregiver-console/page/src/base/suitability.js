/** What stands between a child and a scenario. Pure. */

/** All that can speak against one of these scenarios, in the order in which they name it. */
export function contraindicationsOf(scenarios) {
  return [...new Set(scenarios.flatMap((scenario) => scenario.contraindications ?? []))];
}

/** What a person has still to look at before this scenario. */
export function unchecked(scenario, ticked) {
  return (scenario?.contraindications ?? []).filter((code) => !ticked.includes(code));
}

/** The scenarios that wait for this tick. */
export function waitingFor(code, scenarios) {
  return scenarios.filter((scenario) => (scenario.contraindications ?? []).includes(code));
}

/** Whether a person has excluded it for this child. */
export function isExcluded(scenario, profile) {
  return (profile?.excluded_scenarios ?? []).includes(scenario?.name);
}

/** What may play for a child whose profile this is. */
export function playable(scenarios, profile, ticked) {
  return scenarios.filter((each) => !isExcluded(each, profile) && !unchecked(each, ticked).length);
}

/** Of what was changed, what differs from what is kept: lists as sets, whatever their order. */
export function changesOf(kept, draft) {
  return Object.fromEntries(
    Object.entries(draft).filter(([key, value]) => canonical(value) !== canonical(kept?.[key])),
  );
}

function canonical(value) {
  if (Array.isArray(value)) return JSON.stringify([...value].sort());
  if (value && typeof value === "object") return JSON.stringify(Object.entries(value).sort());
  return JSON.stringify(value ?? null);
}
