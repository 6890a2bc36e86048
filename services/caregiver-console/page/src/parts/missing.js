/** What stands against a start, each with what a person does about it, by a tap where that can be. */

import { useEffect, useState } from "preact/hooks";

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";
import { useCommand } from "./said.js";

const ASK_MS = 1000;

/** The server's list, asked for each second: `{ready, missing}`, or null while it does not answer. */
export function useMissing(mode) {
  const { session } = useConsole();
  const [found, setFound] = useState(null);
  useEffect(() => {
    let over = false;
    const ask = () =>
      session
        .get(`/api/missing?mode=${mode}`)
        .then((answer) => !over && setFound(answer))
        .catch(() => !over && setFound(null));
    ask();
    const timer = setInterval(ask, ASK_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [mode]);
  return found;
}

export function Missing({ found, onManual }) {
  const { store, speaker } = useConsole();
  const { text } = speaker;
  const command = useCommand();
  if (!found) return html`<p class="missing-line"><${Icon} name="clock" />${text("missing.asking")}</p>`;
  if (found.ready) return null;
  const mends = {
    stop: ["missing.mend.stop", () => command("reset")],
    context: ["missing.mend.manual", onManual],
    face: ["missing.mend.manual", onManual],
    camera:
      store.get("camera/state")?.enabled === false
        ? ["missing.mend.camera", () => command("camera", { enabled: true })]
        : ["missing.mend.manual", onManual],
  };
  return html`<div class="missing">
    <h2>${text("missing.title")}</h2>
    <ul>
      ${found.missing.map((thing) => {
        const [word, act] = mends[thing.what] ?? [];
        return html`<li key=${thing.what + thing.text}>
          <${Icon} name="alert" />
          <span>
            <b>${text(`missing.${thing.what}`)}</b>
            <small lang="en">${thing.text}: ${thing.remedy}</small>
          </span>
          ${word && html`<button type="button" class="button" data-mend=${thing.what} onClick=${act}>${text(word)}</button>`}
        </li>`;
      })}
    </ul>
  </div>`;
}
