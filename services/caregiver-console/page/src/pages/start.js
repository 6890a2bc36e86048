/** Before a session: who, what, how long, what was checked; and what is missing, instead of a dead button. */

import { useState } from "preact/hooks";

import { useChildren } from "../base/children.js";
import { useConsole, useTopics } from "../base/console.js";
import { enter, nextSession } from "../base/entries.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { useProfile } from "../base/profile.js";
import { useScenarios } from "../base/scenarios.js";
import { isExcluded, playable, unchecked } from "../base/suitability.js";
import { listOf } from "../base/words.js";
import { Checks, Senses, Texts, against } from "../parts/checks.js";
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
  const [feeling, setFeeling] = useState(null);
  const change = (values) => setPlan((before) => ({ ...before, ...values }));
  const children = useChildren();
  const profile = useProfile(plan.profile, children);
  const { list, find } = useScenarios();
  const missing = useMissing(plan.mode);
  const command = useCommand();
  const ticked = profile.draft.cleared_contraindications;
  const hindrance = hindranceOf(profile, find(plan.scenario), list);
  const name = store.get("me")?.name;
  const most = Math.floor(Math.min(MINUTES.high, profile.kept?.minutes_per_session ?? MINUTES.high));
  const minutes = Math.max(MINUTES.low, Math.min(plan.minutes, most));

  const start = async () => {
    const notice = plan.mode === "adaptive";
    const begun = nextSession(store);
    if (!(await command("start", { ...plan, minutes, ...(notice ? { notice } : {}) }))) return;
    go("session");
    keep(shared, plan.profile, await begun, { feeling, ticked, notice });
  };

  return html`<div class="start">
    <div class="column">
    <section class="card">
      <h1>${text("start.title")}</h1>
      <${Child} plan=${plan} codes=${children.all} onChange=${change} />
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
        value=${minutes}
        ...${MINUTES}
        high=${most}
        shown=${text("now.minutes", { count: minutes })}
        onChange=${(chosen) => change({ minutes: chosen })}
      />
      ${store.get("server")?.log &&
      html`<${SmileyChoice} title=${text("start.before")} value=${feeling} onChoose=${setFeeling} />`}
    </section>
    <section class="card ready" aria-label=${text("start.ready")}>
      ${plan.mode === "adaptive" && html`<p class="notice"><${Icon} name="camera" /><span>${text("start.notice")}</span></p>`}
      ${!name && html`<${LoginFirst} />`}
      <${Missing} found=${missing} onManual=${() => change({ mode: "manual" })} />
      ${name && html`<${Hindrance} hindrance=${hindrance} profile=${profile} />`}
      ${name &&
      missing?.ready &&
      !hindrance &&
      html`<button type="button" class="button main-action wide" onClick=${start}>
        <${Icon} name="start" />${text("start.go")}
      </button>`}
    </section>
    ${name && html`<${Checks} profile=${profile} scenario=${find(plan.scenario)} list=${list} />`}
    ${name && !profile.isNobody && html`<${Senses} profile=${profile} /><${Texts} profile=${profile} />`}
    </div>
    <div class="column">
    <section class="card" aria-label=${text("start.scenario")}>
      <h2>${text("start.scenario")}</h2>
      <${Scenarios}
        list=${list}
        profile=${profile}
        chosen=${plan.scenario}
        onChoose=${(scenario) => change({ scenario })}
      />
    </section>
    <${DailyCheck} />
    </div>
  </div>`;
}

/** Why this child may not begin this: `{why, values}` of a text, or null. */
export function hindranceOf(profile, scenario, list) {
  const { code, draft, exists, isAsked, isNobody, isOpen } = profile;
  const ticked = draft.cleared_contraindications;
  if (isAsked) return { why: "missing.asking", values: {} };
  if (isOpen) return { why: exists ? "start.changed" : "start.new", keeps: true, values: { child: code } };
  const open = unchecked(scenario, ticked);
  if (open.length) return { why: "start.refused", open, values: {} };
  if (isNobody) return null;
  if (scenario && isExcluded(scenario, draft)) return { why: "start.excluded", values: {} };
  if (list.length && !playable(list, draft, ticked).length) return { why: "start.none-left", values: { child: code } };
  return null;
}

function Hindrance({ hindrance, profile }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const why = listOf((hindrance?.open ?? []).map((code) => against(code, speaker)), speaker.code);
  return html`${hindrance &&
    html`<p class="missing-line">
      <${Icon} name="alert" /><span>${text(hindrance.why, { ...hindrance.values, why })}</span>
      ${hindrance.keeps &&
      html`<button type="button" class="button" data-mend="profile" onClick=${profile.keep}>
        ${text("start.keep", { child: profile.code })}
      </button>`}
    </p>`}
    <p class="trouble" role="alert" lang="en">${profile.trouble}</p>`;
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

/** The code counts once it is written to its end: half of one is another child's. */
function Child({ plan, codes, onChange }) {
  const { speaker } = useConsole();
  const [written, setWritten] = useState(plan.profile);
  const code = written.trim().toLowerCase();
  return html`<label class="field">
    <span>${speaker.text("start.child")}</span>
    <input
      type="text"
      list="codes"
      value=${written}
      maxlength="40"
      autocapitalize="none"
      autocomplete="off"
      spellcheck=${false}
      onInput=${(event) => setWritten(event.target.value)}
      onChange=${() => onChange({ profile: code })}
    />
    <datalist id="codes">
      ${[...new Set(["default", ...codes])].map((code) => html`<option key=${code} value=${code}></option>`)}
    </datalist>
    <small>${speaker.text(plan.profile === "default" ? "start.default" : "start.code")}</small>
  </label>`;
}

function Scenarios({ list, profile, chosen, onChoose }) {
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
        <${Refused} scenario=${scenario} profile=${profile} />
      </button>`,
    )}
  </div>`;
}

/** That the selector would refuse it for this child. */
function Refused({ scenario, profile }) {
  const { speaker } = useConsole();
  if (profile.isNobody) return null;
  const excluded = isExcluded(scenario, profile.draft);
  const open = unchecked(scenario, profile.draft.cleared_contraindications);
  if (!excluded && !open.length) return null;
  const why = excluded
    ? speaker.text("start.excluded")
    : speaker.text("start.unchecked", { count: open.length });
  return html`<small class="refused"><${Icon} name="alert" size=${16} /><span>${why}</span></small>`;
}
