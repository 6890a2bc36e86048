/** What each signal says, in words with a sign: never by colour alone. */

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { nameOf, sayingOf } from "../base/words.js";
import { Icon } from "./icons.js";
import { useCommand } from "./said.js";

const SIGNS = { distress: "up", calm: "down", nothing: "steady", missing: "alert", refused: "cross" };

export function Signals({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const command = useCommand();
  const signals = session.signals ?? [];
  if (!signals.length) return null;
  return html`<section class="card signals">
    <h2>${text("signals.title")}</h2>
    <ul>
      ${signals.map((signal) => {
        const saying = sayingOf(signal);
        return html`<li key=${signal.name} data-saying=${saying}>
          <${Icon} name=${SIGNS[saying]} />
          <b>${nameOf(signal.name, speaker)}</b>
          <span>
            ${text(`saying.${saying}`)}
            ${signal.trouble && html`<small lang="en">${signal.trouble}</small>`}
          </span>
          ${saying === "missing" &&
          signal.name !== "face" &&
          html`<button
            type="button"
            class="button"
            onClick=${() => command("dismiss", { signal: signal.name })}
          >
            ${text("signals.dismiss")}
          </button>`}
        </li>`;
      })}
    </ul>
  </section>`;
}
