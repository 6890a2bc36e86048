/** What became of the last command, for a few seconds. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { Icon } from "./icons.js";

const SHOWN_MS = 8000;
const LOGIN = /log ?in|login|role|403/i;

/** Sends a command and shows what hindered it. */
export function useCommand() {
  const { store, commander } = useConsole();
  return async (command, args) => {
    const { outcome, reason } = await commander.send(command, args);
    const good = outcome === "published";
    store.merge({ said: good ? null : { outcome, reason, at: store.now() } });
    return good;
  };
}

export function Said() {
  const { store, speaker } = useConsole();
  const { text } = speaker;
  const [gone, setGone] = useState(0);
  useTopics("said", "rejected", "me");
  const said = newest(store);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setGone(said.at), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said?.at]);
  const shown = said && said.at > gone ? said : null;
  const wantsLogin = shown?.outcome === "login" || (shown && LOGIN.test(shown.reason) && !store.get("me")?.name);
  return html`<div class="said" role="status">
    ${shown &&
    html`<div class="said-card">
      <${Icon} name="alert" />
      <p>
        ${text(wantsLogin ? "said.login" : `said.${shown.outcome === "unreachable" ? "unreachable" : "refused"}`)}
        ${!wantsLogin && shown.reason && html`<small lang="en">${shown.reason}</small>`}
      </p>
      ${wantsLogin && html`<button type="button" class="button" onClick=${() => go("login")}>${text("page.login")}</button>`}
      <button type="button" class="button quiet square" aria-label=${text("close")} onClick=${() => setGone(shown.at)}>
        <${Icon} name="cross" />
      </button>
    </div>`}
  </div>`;
}

/** The server's refusal, or a service's: whichever came last. */
function newest(store) {
  const said = store.get("said");
  const rejected = store.get("rejected");
  const at = store.arrivedAt("rejected");
  if (rejected && at > (said?.at ?? -Infinity)) return { outcome: "refused", reason: rejected.reason, at };
  return said;
}
