/** What a person has checked for a child before it may feel something, and how the child senses. */

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { CHANNELS } from "../base/levels.js";
import { contraindicationsOf, unchecked, waitingFor } from "../base/suitability.js";
import { listOf } from "../base/words.js";
import { Choice } from "./choices.js";

const TEXTS = ["goals", "notes"];
/** Half of what its file may hold: both together fit into one request in any script. */
const MAX_TEXT = 2000;
const SENSES = ["avoiding", "neither", "seeking"];

/** In words; one that a scenario has made up itself, as it is written there. */
export function against(code, speaker) {
  return speaker.has(`against.${code}`) ? speaker.text(`against.${code}`) : code;
}

/** A box for each contraindication, with the scenarios that wait for it. */
export function Checks({ profile, scenario, list }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const codes = profile.isNobody ? unchecked(scenario, []) : contraindicationsOf(list);
  const ticked = profile.draft.cleared_contraindications;
  if (!codes.length) return null;
  const toggle = (code) =>
    profile.change({
      cleared_contraindications: ticked.includes(code)
        ? ticked.filter((each) => each !== code)
        : [...ticked, code],
    });
  return html`<fieldset class="card checks">
    <legend><h2>${text("start.checks")}</h2></legend>
    <p class="soft">${text("start.checks.detail")}</p>
    <ul>
      ${codes.map(
        (code) => html`<li key=${code}>
          <label class="check">
            <input type="checkbox" checked=${ticked.includes(code)} onChange=${() => toggle(code)} />
            <span>
              ${against(code, speaker)}
              ${!profile.isNobody &&
              !ticked.includes(code) &&
              html`<small>${text("start.checks.wait", { scenarios: titlesOf(code, list, speaker) })}</small>`}
            </span>
          </label>
        </li>`,
      )}
    </ul>
  </fieldset>`;
}

function titlesOf(code, list, speaker) {
  return listOf(waitingFor(code, list).map(speaker.title), speaker.code);
}

/** By channel, whether the child wants more of it than others do, or less. */
export function Senses({ profile }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { sensory } = profile.draft;
  const set = (channel, sense) => {
    const { [channel]: _before, ...others } = sensory;
    profile.change({ sensory: sense === "neither" ? others : { ...others, [channel]: sense } });
  };
  return html`<details class="card check-card senses">
    <summary>
      <span><b>${text("senses.title")}</b><small>${text("senses.detail")}</small></span>
    </summary>
    ${CHANNELS.map(
      (channel) => html`<${Choice}
        key=${channel}
        title=${text(`channel.${channel}`)}
        value=${sensory[channel] ?? "neither"}
        options=${SENSES.map((value) => ({ value, label: text(`senses.${value}`) }))}
        onChange=${(sense) => set(channel, sense)}
      />`,
    )}
  </details>`;
}

/** For people alone: what the sessions are for, and what is good to know of this child. */
export function Texts({ profile }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  return html`<details class="card check-card texts">
    <summary>
      <span><b>${text("texts.title")}</b><small>${text("texts.detail")}</small></span>
    </summary>
    ${TEXTS.map(
      (key) => html`<label class="field" key=${key}>
        <span>${text(`texts.${key}`)}</span>
        <textarea
          rows="4"
          maxlength=${MAX_TEXT}
          value=${profile.draft[key] ?? ""}
          onInput=${(event) => profile.change({ [key]: event.target.value })}
        ></textarea>
      </label>`,
    )}
  </details>`;
}
