/** What is allowed for a child. What a change does is shown before it is sent, and can be taken back. */

import { useEffect, useState } from "preact/hooks";

import { useChildren } from "../base/children.js";
import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { CHANNELS } from "../base/levels.js";
import { useProfile } from "../base/profile.js";
import { listOf } from "../base/words.js";
import { Stepper } from "./choices.js";
import { Icon } from "./icons.js";

const PERCENT = { low: 0, high: 100, step: 5 };
const NUMBERS = {
  ceiling_pct: { word: "bounds.ceiling", ...PERCENT },
  minutes_per_session: { word: "bounds.session", low: 1, high: 30, step: 1 },
  minutes_per_day: { word: "bounds.day", low: 5, high: 120, step: 5 },
  max_vibration_pct: { word: "bounds.vibration", ...PERCENT },
  max_sound_pct: { word: "bounds.sound", ...PERCENT },
  max_light_pct: { word: "bounds.light", ...PERCENT },
};
const CHANNELS_OFF = "excluded_channels";

/** For who may write profiles. */
export function Bounds() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const children = useChildren();
  const codes = children.profiled ?? [];
  const [chosen, setChosen] = useState("");
  const code = chosen || codes[0] || "";
  return html`<section class="card">
    <h2>${text("bounds.title")}</h2>
    ${codes.length
      ? html`<label class="field">
            <span>${text("start.child")}</span>
            <select value=${code} onChange=${(event) => setChosen(event.target.value)}>
              ${codes.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
            </select>
          </label>
          <${OfChild} code=${code} children=${children} />`
      : html`<p class="soft">${text("bounds.none")}</p>`}
  </section>`;
}

function OfChild({ code, children }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const profile = useProfile(code, children);
  const [undo, setUndo] = useState(null);
  useEffect(() => setUndo(null), [code]);
  const { kept, draft, changed } = profile;
  if (!kept) return html`<p class="trouble" role="alert" lang="en">${profile.trouble}</p>`;
  const off = draft[CHANNELS_OFF];
  const toggle = (channel) =>
    profile.change({
      [CHANNELS_OFF]: off.includes(channel) ? off.filter((each) => each !== channel) : [...off, channel],
    });
  const apply = async () => {
    const before = Object.fromEntries(Object.keys(changed).map((key) => [key, kept[key]]));
    if (await profile.keep()) setUndo(before);
  };
  const takeBack = async () => {
    if (await profile.write(undo)) setUndo(null);
  };
  return html`<div class="bounds">
    ${Object.entries(NUMBERS).map(
      ([key, { word, ...range }]) => html`<${Stepper}
        key=${key}
        title=${text(word)}
        value=${draft[key]}
        ...${range}
        shown=${shownOf(key, draft[key], speaker)}
        onChange=${(value) => profile.change({ [key]: value })}
      />`,
    )}
    <fieldset class="subjects">
      <legend>${text("bounds.channels")}</legend>
      ${CHANNELS.map(
        (channel) => html`<label class="check" key=${channel}>
          <input type="checkbox" checked=${!off.includes(channel)} onChange=${() => toggle(channel)} />
          <span>${text(`channel.${channel}`)}</span>
        </label>`,
      )}
    </fieldset>
    ${Object.keys(changed).length > 0 &&
    html`<div class="missing-line">
      <span>
        ${Object.keys(changed).map((key) => html`<${Change} key=${key} name=${key} before=${kept[key]} after=${changed[key]} />`)}
        <small>${text("bounds.next")}</small>
      </span>
      <button type="button" class="button" onClick=${apply}>${text("settings.apply")}</button>
      <button type="button" class="button" onClick=${() => profile.change(kept)}>${text("bounds.discard")}</button>
    </div>`}
    ${undo &&
    html`<div class="notice" role="status">
      <${Icon} name="check" />
      <span>
        ${Object.keys(undo).map((key) => html`<${Change} key=${key} name=${key} before=${undo[key]} after=${kept[key]} />`)}
      </span>
      <button type="button" class="button" onClick=${takeBack}>
        <${Icon} name="back" />${text("bounds.undo")}
      </button>
    </div>`}
    <p class="trouble" role="alert" lang="en">${profile.trouble}</p>
  </div>`;
}

function Change({ name, before, after }) {
  const { speaker } = useConsole();
  const word = speaker.text(NUMBERS[name]?.word ?? "bounds.channels");
  return html`<b class="change">
    ${word}: ${shownOf(name, before, speaker)} → ${shownOf(name, after, speaker)}
  </b>`;
}

function shownOf(key, value, speaker) {
  if (key === CHANNELS_OFF) {
    const on = CHANNELS.filter((channel) => !value.includes(channel));
    return on.length ? listOf(on.map((channel) => speaker.text(`channel.${channel}`)), speaker.code) : "–";
  }
  if (key.endsWith("_pct")) return speaker.percent(value);
  return speaker.text("now.minutes", { count: value });
}
