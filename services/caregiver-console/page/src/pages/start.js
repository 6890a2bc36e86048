/** Before a session: who, what, how long, what was checked; and what is missing, instead of a dead button. */

import { useState } from "preact/hooks";

import { useChildren } from "../base/children.js";
import { useConsole, useTopics } from "../base/console.js";
import { enter, nextSession } from "../base/entries.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { useScenarios } from "../base/scenarios.js";
import { Choice, Stepper } from "../parts/choices.js";
import { DailyCheck } from "../parts/dailycheck.js";
import { Icon } from "../parts/icons.js";
import { Missing, useMissing } from "../parts/missing.js";
import { Picture } from "../parts/picture.js";
import { useCommand } from "../parts/said.js";
import { SmileyChoice } from "../parts/smiley.js";

const AUTO = "auto";
const MINUTES = { low: 1, high: 30, step: 1 };
const DEFAULT = { profile: "default", scenario: AUTO, minutes: 15, mode: "adaptive" };

export function StartPage() {
  const shared = useConsole();
  const { store, speaker } = shared;
  const { text } = speaker;
  useTopics("me", "server");
  const [plan, setPlan] = useState(DEFAULT);
  const [ticked, setTicked] = useState([]);
  const [feeling, setFeeling] = useState(null);
  const change = (values) => setPlan((before) => ({ ...before, ...values }));
  const children = useChildren();
  const { list, find } = useScenarios();
  const missing = useMissing(plan.mode);
  const command = useCommand();
  const open = unchecked(find(plan.scenario), ticked);
  const name = store.get("me")?.name;

  const start = async () => {
    const notice = plan.mode === "adaptive";
    const begun = nextSession(store);
    if (!(await command("start", { ...plan, ...(notice ? { notice } : {}) }))) return;
    go("session");
    keep(shared, plan.profile, await begun, { feeling, ticked, notice });
  };

  return html`<div class="start">
    <div class="column">
    <section class="card">
      <h1>${text("start.title")}</h1>
      <${Child} plan=${plan} children=${children} onChange=${change} />
      <${Choice}
        title=${text("start.mode")}
        value=${plan.mode}
        options=${["adaptive", "manual"].map((mode) => ({
          value: mode,
          label: text(`mode.${mode}`),
          detail: text(`mode.${mode}.detail`),
        }))}
        onChange=${(mode) => change({ mode })}
      />
      <${Stepper}
        title=${text("start.minutes")}
        value=${plan.minutes}
        ...${MINUTES}
        shown=${text("now.minutes", { count: plan.minutes })}
        onChange=${(minutes) => change({ minutes })}
      />
      ${store.get("server")?.log &&
      html`<${SmileyChoice} title=${text("start.before")} value=${feeling} onChoose=${setFeeling} />`}
    </section>
    <section class="card ready" aria-label=${text("start.ready")}>
      ${plan.mode === "adaptive" && html`<p class="notice"><${Icon} name="camera" /><span>${text("start.notice")}</span></p>`}
      ${!name && html`<${LoginFirst} />`}
      <${Missing} found=${missing} onManual=${() => change({ mode: "manual" })} />
      ${open.length > 0 && html`<p class="missing-line"><${Icon} name="alert" />${text("start.unchecked", { count: open.length })}</p>`}
      ${name &&
      missing?.ready &&
      !open.length &&
      html`<button type="button" class="button main-action wide" onClick=${start}>
        <${Icon} name="start" />${text("start.go")}
      </button>`}
    </section>
    </div>
    <div class="column">
    <section class="card" aria-label=${text("start.scenario")}>
      <h2>${text("start.scenario")}</h2>
      <${Scenarios} list=${list} chosen=${plan.scenario} onChoose=${(scenario) => change({ scenario })} />
    </section>
    <${DailyCheck} />
    <${Checks} scenario=${find(plan.scenario)} ticked=${ticked} onTick=${setTicked} />
    </div>
  </div>`;
}

/** What a person has still to look at before this scenario. */
export function unchecked(scenario, ticked) {
  return (scenario?.contraindications ?? []).filter((code) => !ticked.includes(code));
}

/** What was answered before belongs to the record of the session that has begun. */
function keep(shared, child, session, { feeling, ticked, notice }) {
  if (session === null) return;
  const entry = { child, session };
  if (feeling) enter(shared, { ...entry, kind: "rating", when: "before", value: feeling });
  if (ticked.length) enter(shared, { ...entry, kind: "contraindications", absent: ticked });
  if (notice) {
    enter(shared, { ...entry, kind: "notice", notice: "ai-act-50", language: shared.speaker.code });
  }
}

function LoginFirst() {
  const { speaker } = useConsole();
  return html`<p class="missing-line">
    <${Icon} name="person" /><span>${speaker.text("start.login")}</span>
    <button type="button" class="button" onClick=${() => go("login")}>${speaker.text("page.login")}</button>
  </p>`;
}

function Child({ plan, children, onChange }) {
  const { speaker } = useConsole();
  const codes = [...new Set(["default", ...children.map((child) => child.code)])];
  return html`<label class="field">
    <span>${speaker.text("start.child")}</span>
    <input
      type="text"
      list="codes"
      value=${plan.profile}
      maxlength="40"
      autocapitalize="none"
      autocomplete="off"
      spellcheck=${false}
      onInput=${(event) => onChange({ profile: event.target.value.trim().toLowerCase() })}
    />
    <datalist id="codes">
      ${codes.map((code) => html`<option key=${code} value=${code}></option>`)}
    </datalist>
    <small>${plan.profile === "default" ? speaker.text("start.default") : speaker.text("start.code")}</small>
  </label>`;
}

function Scenarios({ list, chosen, onChoose }) {
  const { speaker } = useConsole();
  const auto = { name: AUTO, title: speaker.text("start.auto"), purpose: speaker.text("start.auto.detail") };
  return html`<div class="tiles">
    ${[auto, ...list].map(
      (scenario) => html`<button
        type="button"
        class="tile"
        key=${scenario.name}
        aria-pressed=${scenario.name === chosen}
        onClick=${() => onChoose(scenario.name)}
      >
        ${scenario.icon ? html`<${Picture} source=${scenario.icon} size=${40} />` : html`<${Icon} name="session" size=${40} />`}
        <b>${speaker.title(scenario)}</b>
        ${scenario.name === AUTO && html`<small>${scenario.purpose}</small>`}
      </button>`,
    )}
  </div>`;
}

function Checks({ scenario, ticked, onTick }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const codes = unchecked(scenario, []);
  if (!codes.length) return null;
  const toggle = (code) =>
    onTick(ticked.includes(code) ? ticked.filter((each) => each !== code) : [...ticked, code]);
  return html`<fieldset class="card checks">
    <legend><h2>${text("start.checks")}</h2></legend>
    <p class="soft">${text("start.checks.detail")}</p>
    ${codes.map(
      (code) => html`<label class="check" key=${code}>
        <input type="checkbox" checked=${ticked.includes(code)} onChange=${() => toggle(code)} />
        <span>${speaker.has(`against.${code}`) ? text(`against.${code}`) : code}</span>
      </label>`,
    )}
  </fieldset>`;
}
