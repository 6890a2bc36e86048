/** What went wrong lately, before this page was opened, too; and what to do. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

/** The server keeps them for those who have logged in. */
export function Errors() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("errors", "me");
  if (!store.get("me")?.name) return null;
  const list = store.get("errors") ?? [];
  return html`<section class="card">
    <h2>${text("errors.title")}</h2>
    ${list.length
      ? html`<ul class="services">
          ${list.map((each) => html`<${RecentError} key=${each.kind + each.source + each.text} error=${each} />`)}
        </ul>`
      : html`<p>${text("errors.none")}</p>`}
  </section>`;
}

function RecentError({ error }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { kind, source, count, remedy } = error;
  const said = [error.text, remedy].filter(Boolean).join(": ");
  const times = count > 1 && text("errors.times", { count });
  const when = [speaker.dateTime(new Date(error.time)), times].filter(Boolean).join(" · ");
  return html`<li data-condition="waits">
    <${Icon} name="alert" />
    <b>${source === "chair" ? text("health.chair") : source}</b>
    <span>${text(`errors.${kind}`)}</span>
    ${said && html`<small class="wide" lang="en">${said}</small>`}
    <small class="wide">${text(`errors.${kind}.todo`, { service: source })}</small>
    <small class="wide">${when}</small>
  </li>`;
}
