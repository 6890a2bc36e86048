/** How far a second network, which nothing obeys, says what the classifier says. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

/** The server tells those who have logged in; without a shadow there is nothing to see. */
export function Shadows() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("shadows", "me");
  const shadows = store.get("shadows") ?? [];
  if (!store.get("me")?.name || !shadows.length) return null;
  return html`<section class="card">
    <h2>${text("shadows.title")}</h2>
    <ul class="services">
      ${shadows.map((each) => html`<${Shadow} key=${each.name} shadow=${each} />`)}
    </ul>
    <p class="soft">${text("shadows.obeyed")}</p>
  </section>`;
}

function Shadow({ shadow }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { name, model, faces, same, drifts } = shadow;
  const share = same === null ? "–" : speaker.percent(100 * same);
  return html`<li data-condition=${drifts ? "waits" : "well"}>
    <${Icon} name=${drifts ? "alert" : "check"} />
    <b>${name}</b>
    <span>${share}</span>
    <small>${model}</small>
    <small class="wide">${text("shadows.faces", { count: faces })}</small>
    ${drifts && html`<small class="wide">${text("shadows.drifts")}</small>`}
  </li>`;
}
