/** The daily check: each button is pressed once, and ticked off by the chair's own report of it. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { BUTTONS, doneToday, seenWith } from "../base/check.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

const KEPT_AS = "calmloop-check";

export function DailyCheck() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("chair/state");
  const [seen, setSeen] = useState([]);
  const [doneAt, setDoneAt] = useState(() => localStorage.getItem(KEPT_AS));
  const inputs = store.get("chair/state")?.inputs;
  const now = seenWith(seen, inputs);
  useEffect(() => {
    if (now.length === seen.length) return;
    setSeen(now);
    if (now.length < BUTTONS.length) return;
    const at = new Date().toISOString();
    localStorage.setItem(KEPT_AS, at);
    setDoneAt(at);
  }, [now.join()]);
  const done = doneToday(doneAt, new Date());
  return html`<details class="card check-card">
    <summary>
      <${Icon} name=${done ? "check" : "clock"} />
      <span>
        <b>${text("check.title")}</b>
        <small>${done ? text("check.done", { time: speaker.time(done) }) : text("check.due")}</small>
      </span>
    </summary>
    <p class="soft">${text("check.how")}</p>
    <ol class="services">
      ${BUTTONS.map((name) => {
        const isSeen = now.includes(name);
        return html`<li key=${name} data-condition=${isSeen ? "well" : "waits"}>
          <${Icon} name=${isSeen ? "check" : "clock"} />
          <b>${text(`check.${name}`)}</b>
          <span>${text(isSeen ? "check.seen" : "check.waits")}</span>
        </li>`;
      })}
    </ol>
  </details>`;
}
