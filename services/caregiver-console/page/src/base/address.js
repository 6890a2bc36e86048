/** What the part of the address behind `#` names. Pure. */

export const PAGES = ["session", "start", "after", "history", "health", "settings", "login", "trust"];

/** `#history/c-17` is the page `history` with `c-17`. What there is not leads to the session. */
export function parseRoute(hash) {
  const [page, ...rest] = hash.replace(/^#/, "").split("/");
  return { page: PAGES.includes(page) ? page : "session", rest: rest.map(decoded) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
