/** Questions to the server that are no commands, and who is logged in. */

const REQUEST_WITHIN_MS = 8000;
const REMOVED_WITHIN_MS = 160_000;
const MADE_WITHIN_MS = 200_000;

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
  let asked = 0;

  const take = (answer) => {
    me = { name: answer.name ?? null, role: answer.role ?? null, csrf: answer.csrf ?? "" };
    onChange(me);
  };

  const ask = async (method, path, body, within_ms) => {
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": me.csrf },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(within_ms),
      });
    } catch {
      throw new RequestError(0, null);
    }
    if (!response.ok) throw new RequestError(response.status, await response.json().catch(() => null));
    return response;
  };

  const get = async (path) => {
    asked += 1;
    try {
      return await request("GET", path);
    } finally {
      asked -= 1;
    }
  };

  const request = async (method, path, body) => {
    const response = await ask(method, path, body, method === "DELETE" ? REMOVED_WITHIN_MS : REQUEST_WITHIN_MS);
    return response.json().catch(() => null);
  };

  return {
    me: () => me,
    csrfToken: () => me.csrf,
    get,
    /** Whether an answer is still to come. */
    isAsking: () => asked > 0,
    put: (path, body) => request("PUT", path, body),
    post: (path, body) => request("POST", path, body),
    /** A file that is made when it is asked for, and its name. */
    file: async (path, body) => {
      const response = await ask("POST", path, body, MADE_WITHIN_MS);
      const [, name] = /filename="([^"]+)"/.exec(response.headers.get("content-disposition")) ?? [];
      const blob = await response.blob().catch(() => {
        throw new RequestError(0, null);
      });
      return { name, blob };
    },
    remove: (path, body) => request("DELETE", path, body),
    refresh: async () => take(await get("/api/me")),
    login: async (name, pin) => take(await request("POST", "/api/login", { name, pin })),
    logout: async () => {
      await request("POST", "/api/logout", {});
      take({});
    },
  };
}
