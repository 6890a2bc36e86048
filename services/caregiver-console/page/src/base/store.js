/** What the server last said of each topic, and when it came. Knows nothing of the network. */

/**
 * @param {() => number} now Milliseconds of a clock that never steps back.
 */
export function createStore(now = () => performance.now()) {
  const values = new Map();
  const arrivals = new Map();
  const listeners = new Set();

  return {
    /** Takes topics that have changed; null takes one away: it was not heard for too long. */
    merge(changes) {
      const at = now();
      for (const [topic, value] of Object.entries(changes)) {
        if (value === null) {
          values.delete(topic);
          arrivals.delete(topic);
        } else {
          values.set(topic, value);
          arrivals.set(topic, at);
        }
      }
      const changed = Object.keys(changes);
      for (const listener of [...listeners]) listener(changed);
    },

    /** Takes a snapshot: of what `isIts` says is the snapshot's, what it does not name is gone. */
    replace(snapshot, isIts) {
      const gone = [...values.keys()].filter((topic) => isIts(topic) && !(topic in snapshot));
      this.merge({ ...Object.fromEntries(gone.map((topic) => [topic, null])), ...snapshot });
    },

    get: (topic) => values.get(topic),

    /** Milliseconds since a topic last came; Infinity before the first. */
    ageMs: (topic) => now() - (arrivals.get(topic) ?? -Infinity),

    arrivedAt: (topic) => arrivals.get(topic) ?? -Infinity,

    /** All topics that begin so, with their values. */
    under: (prefix) => [...values].filter(([topic]) => topic.startsWith(prefix)),

    /** Calls back with the names of what changed, until what it returns is called. */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    now,
  };
}
