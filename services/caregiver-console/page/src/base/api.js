/** Questions to the server that are no commands, and who is logged in. */

const REQUEST_WITHIN_MS = 8000;
const REMOVED_WITHIN_MS = 160_000;

/** Raised with the server's own words, which say what to do. */
export class RequestError extends Error {
  constructor(status, body) {
    super(body?.error ?? body?.reason ?? "");
    this.status = status;
    this.body = body ?? {};
  }
}

/** Keeps who is logged in; the cookie is out of reach here, and only the CSRF token is held. */
export function createSession(onChange) {
  let me = { name: null, role: null, csrf: "" };

  const take = (answer) => {
    me = { name: answer.name ?? null, role: answer.role ?? null, csrf: answer.csrf ?? "" };
    onChange(me);
  };

  const request = async (method, path, body) => {
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": me.csrf },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(method === "DELETE" ? REMOVED_WITHIN_MS : REQUEST_WITHIN_MS),
      });
    } catch {
      throw new RequestError(0, null);
    }
    const answer = await response.json().catch(() => null);
    if (!response.ok) throw new RequestError(response.status, answer);
    return answer;
  };

  return {
    me: () => me,
    csrfToken: () => me.csrf,
    get: (path) => request("GET", path),
    put: (path, body) => request("PUT", path, body),
    post: (path, body) => request("POST", path, body),
    remove: (path, body) => request("DELETE", path, body),
    refresh: async () => take(await request("GET", "/api/me")),
    login: async (name, pin) => take(await request("POST", "/api/login", { name, pin })),
    logout: async () => {
      await request("POST", "/api/logout", {});
      take({});
    },
  };
}
