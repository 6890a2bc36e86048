/** What services have refused since this page was opened: the newest first, each with its reason. */

export const REFUSALS = "refusals";
const KEPT = 12;

/** Takes one more; what is refused again moves up and counts. */
export function withRefusal(list, { topic, reason, time }) {
  const same = list.find((each) => each.topic === topic && each.reason === reason);
  const others = list.filter((each) => each !== same);
  return [{ topic, reason, time, count: (same?.count ?? 0) + 1 }, ...others].slice(0, KEPT);
}

/** Collects them from the store, whichever page is open. */
export function collectRefusals(store) {
  store.listen((changed) => {
    const refused = changed.includes("rejected") && store.get("rejected");
    if (refused) store.merge({ [REFUSALS]: withRefusal(store.get(REFUSALS) ?? [], refused) });
  });
}
