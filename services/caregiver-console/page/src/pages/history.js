/** A child's sessions and what was learned of it, with its certainty; and a caregiver's corrections. */

import { useEffect, useState } from "preact/hooks";

import { useChildren } from "../base/children.js";
import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { useScenarios } from "../base/scenarios.js";
import { Icon } from "../parts/icons.js";
import { Record } from "../parts/record.js";
import { useCommand } from "../parts/said.js";
import { Sessions, useSessions } from "../parts/sessions.js";
import { Trends } from "../parts/trends.js";

export function HistoryPage({ rest }) {
  const { store, speaker } = useConsole();
  const { text } = speaker;
  useTopics("me", "learning/state");
  const command = useCommand();
  const children = useChildren();
  const name = store.get("me")?.name;
  const learning = store.get("learning/state");
  const [code = learning?.profile || "default"] = rest;
  const found = useSessions(code);
  useEffect(() => {
    if (name && code) command("learned", { profile: code });
  }, [name, code]);

  if (!name) {
    return html`<div class="centre"><section class="card login">
      <${Icon} name="history" size=${48} />
      <h1>${text("page.history")}</h1>
      <p>${text("history.login")}</p>
      <button type="button" class="button main-action" onClick=${() => go("login")}>${text("page.login")}</button>
    </section></div>`;
  }
  const codes = [...new Set([code, "default", ...children.all])];
  return html`<div class="history">
    <div class="column">
    <section class="card">
      <h1>${text("page.history")}</h1>
      <label class="field">
        <span>${text("start.child")}</span>
        <select value=${code} onChange=${(event) => go("history", event.target.value)}>
          ${codes.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
        </select>
      </label>
      <${Sessions} found=${found} code=${code} />
    </section>
    <${Trends} sessions=${found ?? []} />
    </div>
    <div class="column">
      <${Record}
        code=${code}
        child=${children.kept.find((child) => child.code === code)}
        hasProfile=${(children.profiled ?? []).includes(code)}
        onChange=${children.reload}
      />
      ${learning?.profile === code && html`<${Learned} learning=${learning} code=${code} command=${command} />`}
    </div>
  </div>`;
}

function Learned({ learning, code, command }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  return html`<section class="card">
    <h2>${text("history.learned")}</h2>
    <p class="soft">${text("history.sessions", { count: learning.sessions })}</p>
    <ul class="tastes">
      ${[...learning.tastes, ...learning.levels].map(
        (each) => html`<li key=${each.text}><${Icon} name="steady" /><span lang="en">${each.text}</span></li>`,
      )}
    </ul>
    ${!learning.tastes.length && !learning.levels.length && html`<p>${text("history.nothing")}</p>`}
    <${Scores} learning=${learning} code=${code} command=${command} />
    <${Forget} code=${code} command=${command} />
  </section>`;
}

/** What is expected of each scenario, and whether a person has fixed or excluded it. */
function Scores({ learning, code, command }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { titleOf } = useScenarios();
  return html`<ul class="scores">
    ${learning.scores.map(({ scenario, score, low, high }) => {
      const pinned = learning.pinned === scenario;
      const excluded = learning.excluded.includes(scenario);
      return html`<li key=${scenario}>
        <b>${titleOf(scenario)}</b>
        <svg class="interval" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect class="level-free" width="100" height="8" />
          <rect class="interval-range" x=${at(low)} width=${Math.max(0, at(high) - at(low))} height="8" />
          <rect class="interval-mean" x=${at(score) - 0.5} width="1.4" height="8" />
        </svg>
        <small>
          ${text("history.score", { score: speaker.percent(at(score)), low: speaker.percent(at(low)), high: speaker.percent(at(high)) })}
        </small>
        <div class="row">
          <button
            type="button"
            class="button"
            aria-pressed=${pinned}
            onClick=${() => command(pinned ? "unpin" : "pin", pinned ? { profile: code } : { profile: code, scenario })}
          >
            ${text(pinned ? "history.unpin" : "history.pin")}
          </button>
          <button
            type="button"
            class="button"
            aria-pressed=${excluded}
            onClick=${() => command(excluded ? "allow" : "exclude", { profile: code, scenario })}
          >
            ${text(excluded ? "history.allow" : "history.exclude")}
          </button>
        </div>
      </li>`;
    })}
  </ul>`;
}

const at = (score) => Math.min(100, Math.max(0, 100 * (score ?? 0)));

/** Asked twice: it cannot be undone. */
function Forget({ code, command }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const [asked, setAsked] = useState(false);
  const forget = async () => {
    setAsked(false);
    await command("forget", { profile: code });
  };
  return html`<div class="row forget">
    ${asked
      ? html`<span>${text("history.forget.sure", { child: code })}</span>
          <button type="button" class="button warn" onClick=${forget}>${text("history.forget.yes")}</button>
          <button type="button" class="button" onClick=${() => setAsked(false)}>${text("history.forget.no")}</button>`
      : html`<button type="button" class="button" onClick=${() => setAsked(true)}>${text("history.forget")}</button>`}
  </div>`;
}
