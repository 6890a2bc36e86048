/** Whether what happens is kept, and whether there is room for it. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

const MEGABYTE = 1e6;

export function LogHealth() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("log/state", "server", "me");
  const log = store.get("log/state");
  const server = store.get("server");
  const size = (bytes) =>
    bytes >= 1000 * MEGABYTE
      ? `${speaker.number(bytes / MEGABYTE / 1000, 1)} GB`
      : `${speaker.number(bytes / MEGABYTE)} MB`;
  if (!store.get("me")?.name) return null;
  const rows = [
    log && ["log.sessions", speaker.number(log.sessions)],
    log && ["log.events", speaker.number(log.events)],
    log && ["log.size", size(log.size_bytes)],
    log && ["log.free", size(log.free_bytes)],
    log?.unkept > 0 && ["log.unkept", speaker.number(log.unkept)],
    server?.free_bytes !== undefined && ["log.console", size(server.free_bytes)],
  ].filter(Boolean);
  const isWell = log?.condition === "keeping" && !log.trouble;
  return html`<section class="card">
    <h2>${text("log.title")}</h2>
    <ul class="services">
      <li data-condition=${isWell ? "well" : "waits"}>
        <${Icon} name=${isWell ? "check" : "alert"} />
        <b>${text(log ? `log.condition.${log.condition}` : server?.log ? "log.silent" : "history.no-log")}</b>
        ${log?.samples === "thinned" && html`<small class="wide">${text("log.thinned")}</small>`}
        ${log?.trouble && html`<small class="wide" lang="en">${log.trouble}</small>`}
      </li>
    </ul>
    <dl class="facts">
      ${rows.map(([key, value]) => html`<div key=${key}><dt>${text(key)}</dt><dd>${value}</dd></div>`)}
    </dl>
  </section>`;
}
