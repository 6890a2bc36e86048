/** The sessions of a child, as the session log has them. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { useScenarios } from "../base/scenarios.js";
import { Smiley } from "./smiley.js";

export function Sessions({ code }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const { titleOf } = useScenarios();
  const store = useTopics("server");
  const [found, setFound] = useState(null);
  const log = store.get("server")?.log;
  useEffect(() => {
    if (!log) return undefined;
    let over = false;
    session
      .get(`/api/history/children/${encodeURIComponent(code)}/sessions`)
      .then((answer) => !over && setFound(answer.sessions))
      .catch(() => !over && setFound([]));
    return () => (over = true);
  }, [code, log]);

  if (!log) return html`<p class="soft">${text("history.no-log")}</p>`;
  if (!found?.length) return html`<p>${text("history.no-sessions")}</p>`;
  return html`<ul class="past">
    ${found.map(
      (past) => html`<li key=${past.session_id}>
        <b>${speaker.dateTime(new Date(past.started))}</b>
        <span>${titleOf(past.scenario)} · ${text("now.minutes", { count: Math.round(past.minutes ?? 0) })}</span>
        ${past.rating && html`<${Smiley} value=${past.rating} size=${32} /><span class="hidden">${text(`rating.${past.rating}`)}</span>`}
      </li>`,
    )}
  </ul>`;
}
