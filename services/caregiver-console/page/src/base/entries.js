/** What a person enters for a child's record; nothing is sent where no log is kept. */

const STARTS_WITHIN_MS = 8000;

/** Keeps one entry; false where it is not kept, since there is no log or it does not answer. */
export async function enter({ session, store }, entry) {
  if (!store.get("server")?.log) return false;
  return session.post("/api/history/entries", entry).then(
    () => true,
    () => false,
  );
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
