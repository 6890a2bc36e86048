/** What a person enters for a child's record; nothing is sent where no log is kept. */

const STARTS_WITHIN_MS = 8000;
const AGAIN_MS = 1000;
const TRIES = 8;
const UNKNOWN = 404;

/**
 * Keeps one entry; false where it is not kept, since there is no log or it does not answer.
 *
 * The log may hear of a session later than this page: what it does not know yet is entered again.
 */
export async function enter({ session, store }, entry) {
  for (let tries = 0; tries < TRIES && store.get("server")?.log; tries += 1) {
    try {
      await session.post("/api/history/entries", entry);
      return true;
    } catch (error) {
      if (error.status !== UNKNOWN) return false;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return false;
}

/** The id of the session that a start leads to, or null where none begins. */
export function nextSession(store) {
  const before = store.get("session/state")?.session_id;
  return new Promise((resolve) => {
    const done = (id) => {
      clearTimeout(timer);
      leave();
      resolve(id);
    };
    const timer = setTimeout(done, STARTS_WITHIN_MS, null);
    const leave = store.listen(() => {
      const session = store.get("session/state");
      if (session && session.phase !== "idle" && session.session_id !== before) done(session.session_id);
    });
  });
}
