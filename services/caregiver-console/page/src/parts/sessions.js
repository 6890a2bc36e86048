/** The sessions of a child, as the session log has them. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { useScenarios } from "../base/scenarios.js";
import { CourseReport, ReportButton, useReports } from "./report.js";
import { Smiley } from "./smiley.js";

const SHOWN = 20;
const ASKED = 100;

/** The newest first; null while they are asked for, or where no log is kept. */
export function useSessions(code) {
  const { session } = useConsole();
  const store = useTopics("server", "me");
  const [found, setFound] = useState(null);
  const asks = store.get("server")?.log && store.get("me")?.name;
  useEffect(() => {
    let over = false;
    setFound(null);
    if (asks) {
      session
        .get(`/api/history/sessions?child=${encodeURIComponent(code)}&limit=${ASKED}`)
        .then((answer) => !over && setFound(answer.sessions))
        .catch(() => !over && setFound([]));
    }
    return () => {
      over = true;
    };
  }, [code, asks]);
  return found;
}

export function Sessions({ found, code }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("server");
  const reports = useReports();
  if (!store.get("server")?.log) return html`<p class="soft">${text("history.no-log")}</p>`;
  if (!found?.length) return html`<p>${text("history.no-sessions")}</p>`;
  return html`<${CourseReport} reports=${reports} code=${code} key=${code} />
    <ul class="past">
      ${found.slice(0, SHOWN).map((past) => html`<${Past} key=${past.id} past=${past} reports=${reports} />`)}
    </ul>`;
}

function Past({ past, reports }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { titleOf } = useScenarios();
  const began = speaker.dateTime(new Date(past.began_ms));
  const minutes = past.minutes ?? past.planned_minutes;
  return html`<li>
    <div class="past-words">
      <b>${began}</b>
      <span>
        ${titleOf(past.scenario)}
        ${minutes !== null && html` · ${text("now.minutes", { count: Math.round(minutes) })}`}
      </span>
      ${past.end_change && html`<small>${text(`change.${past.end_change}`)}</small>`}
    </div>
    <${Rated} when="before" value=${past.rating_before} />
    <${Rated} when="after" value=${past.rating_after} />
    <${ReportButton} reports=${reports} name=${past.id} words="report.session" about=${began} />
  </li>`;
}

function Rated({ when, value }) {
  const { speaker } = useConsole();
  if (!value) return null;
  return html`<span class="rated">
    <small>${speaker.text(`history.${when}`)}</small>
    <${Smiley} value=${value} size=${32} />
    <span class="hidden">${speaker.text(`rating.${value}`)}</span>
  </span>`;
}
