/** After a session: how the child is now, what is worth a note, and what was no distress. */

import { useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { enter } from "../base/entries.js";
import { html } from "../base/html.js";
import { whyOf } from "../base/words.js";
import { Icon } from "../parts/icons.js";
import { useCommand } from "../parts/said.js";
import { SmileyChoice } from "../parts/smiley.js";

export function AfterPage() {
  const shared = useConsole();
  const { text } = shared.speaker;
  const store = useTopics("session/state", "learning/state", "me");
  const command = useCommand();
  const [rating, setRating] = useState(null);
  const session = store.get("session/state");
  const learning = store.get("learning/state");
  if (!session?.session_id) return html`<${Never} />`;

  const { profile, session_id: id } = session;
  const rate = async (value) => {
    const learned = await command("rate", { rating: value, profile });
    if (!learned) return;
    setRating(value);
    enter(shared, { kind: "rating", child: profile, session: id, when: "after", value });
  };
  return html`<div class="after">
    <section class="card">
      <h1>${text("page.after")}</h1>
      <p>${text("after.of", { child: profile })}</p>
      <p class="why"><${Icon} name="steady" /><span>${whyOf(session, shared.speaker)}</span></p>
      <${SmileyChoice}
        title=${text("after.how")}
        value=${rating ?? (learning?.last_session === id ? learning.last_rating : null)}
        onChoose=${rate}
      />
      ${(learning?.last_halted || session.change === "halted") &&
      html`<div class="missing-line">
        <${Icon} name="question" />
        <span>${text("after.halted")}</span>
        <button type="button" class="button" onClick=${() => command("void-halt", { profile })}>
          ${text("control.no-distress")}
        </button>
      </div>`}
      <${Note} child=${profile} session=${id} />
    </section>
  </div>`;
}

function Never() {
  const { speaker } = useConsole();
  return html`<div class="centre">
    <section class="card">
      <h1>${speaker.text("page.after")}</h1>
      <p>${speaker.text("after.none")}</p>
    </section>
  </div>`;
}

/** A note for the child's record, where a log is kept. */
function Note({ child, session }) {
  const shared = useConsole();
  const { text } = shared.speaker;
  const store = useTopics("server", "me");
  const [words, setWords] = useState("");
  const [outcome, setOutcome] = useState("");
  if (!store.get("server")?.log || !store.get("me")?.name) return null;
  const save = async (event) => {
    event.preventDefault();
    const kept = await enter(shared, { kind: "note", child, session, words: words.trim() });
    if (kept) setWords("");
    setOutcome(kept ? "after.kept" : "after.not-kept");
  };
  return html`<form onSubmit=${save}>
    <label class="field">
      <span>${text("after.note")}</span>
      <textarea rows="3" maxlength="1000" value=${words} onInput=${(event) => setWords(event.target.value)}></textarea>
    </label>
    <div class="row">
      <button type="submit" class="button" disabled=${!words.trim()}>${text("after.save")}</button>
      <span role="status">${outcome && text(outcome)}</span>
    </div>
  </form>`;
}
