/** After a session: how the child is now, and what was no distress. */

import { useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { whyOf } from "../base/words.js";
import { Icon } from "../parts/icons.js";
import { Smiley } from "../parts/smiley.js";
import { useCommand } from "../parts/said.js";

const RATINGS = [1, 2, 3, 4, 5];

export function AfterPage() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("session/state", "learning/state", "me");
  const command = useCommand();
  const [rating, setRating] = useState(null);
  const session = store.get("session/state");
  const learning = store.get("learning/state");
  const profile = session?.profile;

  const rate = async (value) => {
    if (await command("rate", { rating: value, profile })) setRating(value);
  };

  if (!session?.session_id) {
    return html`<div class="centre"><section class="card"><h1>${text("page.after")}</h1><p>${text("after.none")}</p></section></div>`;
  }
  return html`<div class="after">
    <section class="card">
      <h1>${text("page.after")}</h1>
      <p>${text("after.of", { child: profile })}</p>
      <p class="why"><${Icon} name="steady" /><span>${whyOf(session, speaker)}</span></p>
      <fieldset class="choice">
        <legend>${text("after.how")}</legend>
        <div class="smileys">
          ${RATINGS.map(
            (value) => html`<button
              type="button"
              class="button smiley"
              key=${value}
              aria-pressed=${(rating ?? learning?.last_rating) === value}
              onClick=${() => rate(value)}
            >
              <${Smiley} value=${value} />
              <small>${text(`rating.${value}`)}</small>
            </button>`,
          )}
        </div>
      </fieldset>
      ${(learning?.last_halted || session.change === "halted") &&
      html`<div class="missing-line">
        <${Icon} name="question" />
        <span>${text("after.halted")}</span>
        <button type="button" class="button" onClick=${() => command("void-halt", { profile })}>
          ${text("control.no-distress")}
        </button>
      </div>`}
    </section>
  </div>`;
}
