/** The way to the server: states come by server-sent events, commands go by WebSocket or POST. */

import { commandId } from "./commands.js";

const RETRY_MS = 1000;
const ANSWER_WITHIN_MS = 4000;

/**
 * Follows `/api/events` for ever, and tells the store. A stream that closes is opened again.
 *
 * @returns {{renew: Function}} Opens it anew: with a login there is more to see.
 */
export function followStates(store) {
  let source;
  let timer;
  const open = () => {
    clearTimeout(timer);
    source = new EventSource("/api/events");
    let first = true;
    source.addEventListener("state", (event) => {
      const states = { ...JSON.parse(event.data), stream: { open: true } };
      // A refusal of before this page was opened is nobody's here.
      if (first) store.replace({ ...states, rejected: null }, isFromServer);
      else store.merge(states);
      first = false;
    });
    source.onerror = () => {
      source.close();
      store.merge({ stream: { open: false } });
      timer = setTimeout(open, RETRY_MS);
    };
  };
  open();
  return {
    renew: () => {
      source.close();
      open();
    },
  };
}

/** What the page keeps beside the states has no slash in its name, but for the server's own. */
const isFromServer = (name) => name.includes("/") || ["server", "rejected", "errors"].includes(name);

/** Sends commands and gives their outcome. */
export function createCommander(session) {
  const waiting = new Map();
  let socket = null;
  let stopped = "";

  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/commands`);
    socket.onmessage = (event) => {
      const answer = JSON.parse(event.data);
      waiting.get(answer.id)?.(answer);
    };
    socket.onclose = () => setTimeout(connect, RETRY_MS);
  };
  connect();

  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  const post = async (message) => {
    try {
      const response = await fetch("/api/commands", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrfToken() },
        body: JSON.stringify(message),
        keepalive: true,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const answer = await response.json();
      const login = response.status === 403 ? { outcome: "login" } : {};
      return { id: message.id, outcome: "refused", reason: answer.error ?? "", ...answer, ...login };
    } catch {
      return { id: message.id, outcome: "unreachable", reason: "" };
    }
  };

  const overSocket = (message) =>
    new Promise((resolve) => {
      const done = (answer) => {
        clearTimeout(timer);
        waiting.delete(message.id);
        resolve(answer);
      };
      const late = { id: message.id, outcome: "unreachable", reason: "" };
      const timer = setTimeout(done, ANSWER_WITHIN_MS, late);
      waiting.set(message.id, done);
      socket.send(JSON.stringify(message));
    });

  return {
    /** Sends by whichever way is open; resolves with `{outcome, reason}` and never rejects. */
    send(command, args = {}) {
      const message = { id: commandId(), command, arguments: args };
      return isOpen() ? overSocket(message) : post(message);
    },

    /**
     * Both ways at once, without waiting: what comes twice stops once.
     *
     * @param {{id: string, ago_ms?: number}} press `ago_ms` where it is sent again.
     * @param {() => void} onConfirmed Called once the server says that the chair has confirmed it.
     */
    stop({ id, ...args }, onConfirmed) {
      const message = { id, command: "stop", arguments: args };
      const take = (answer) => answer.confirmed && onConfirmed();
      // Of a press all answers count, in whatever order they come; only the newest press is open.
      if (id !== stopped) waiting.delete(stopped);
      stopped = id;
      waiting.set(id, take);
      if (isOpen()) socket.send(JSON.stringify(message));
      post(message).then(take);
    },

    /** The socket is opened anew, with the cookie of who has just come or gone. */
    renew: () => socket?.close(),
  };
}
