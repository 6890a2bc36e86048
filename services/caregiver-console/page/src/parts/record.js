/** What is kept of a child, in its guardians' hands: consent, how long, a copy, erasure. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { listOf } from "../base/words.js";
import { Icon } from "./icons.js";

const SUBJECTS = ["chair", "camera", "heart", "voice"];
const SHOWN = 200;
const MAX_DAYS = 36500;

/** For who has logged in, where a log is kept; `child` is the log's summary of it, if it has one. */
export function Record({ code, child, hasProfile, onChange }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("me", "server");
  const [erased, setErased] = useState({ count: 0, outcome: null });
  const role = store.get("me")?.role;
  if (!store.get("server")?.log) return null;
  const writes = role === "caregiver" || role === "technician";
  return html`<section class="card">
    <h2>${text("record.title")}</h2>
    <${Consent} code=${code} writes=${writes} onChange=${onChange} key=${`consent ${code} ${erased.count}`} />
    ${writes && html`<${KeepDays} code=${code} days=${child?.keep_days} onChange=${onChange} key=${`keep ${code} ${child?.keep_days}`} />`}
    ${writes &&
    child &&
    html`<p class="row">
      <a class="button" href=${`/api/history/children/${encodeURIComponent(code)}/export`} download>
        <${Icon} name="down" />${text("record.export")}
      </a>
    </p>`}
    ${role === "technician" &&
    (child || hasProfile) &&
    html`<${Erase}
      code=${code}
      onErased=${(outcome) => {
        setErased((before) => ({ count: before.count + 1, outcome: { ...outcome, code } }));
        onChange();
      }}
      key=${`erase ${code}`}
    />`}
    <div role="status">${erased.outcome && html`<${Erased} ...${erased.outcome} />`}</div>
  </section>`;
}

function Consent({ code, writes, onChange }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [events, setEvents] = useState(null);
  const [what, setWhat] = useState([]);
  const [trouble, setTrouble] = useState("");
  const load = () =>
    session
      .get(`/api/history/children/${encodeURIComponent(code)}/events?kind=consent&limit=${SHOWN}`)
      .then((answer) => setEvents(answer.events.reverse()))
      .catch(() => setEvents([]));
  useEffect(() => void load(), []);
  const record = async (given) => {
    try {
      await session.post("/api/history/entries", { kind: "consent", child: code, given, what });
      setWhat([]);
      setTrouble("");
      await load();
      onChange();
    } catch (error) {
      setTrouble(error.message || text("said.unreachable"));
    }
  };
  const toggle = (subject) =>
    setWhat(what.includes(subject) ? what.filter((each) => each !== subject) : [...what, subject]);
  return html`<h3>${text("consent.title")}</h3>
    ${events?.length === 0 && html`<p class="soft">${text("consent.none")}</p>`}
    <ul class="consents">
      ${(events ?? []).map((event) => html`<${Given} key=${event.id} event=${event} />`)}
    </ul>
    ${writes &&
    html`<fieldset class="subjects">
        <legend class="soft">${text("consent.to")}</legend>
        ${SUBJECTS.map(
          (subject) => html`<label class="check" key=${subject}>
            <input type="checkbox" checked=${what.includes(subject)} onChange=${() => toggle(subject)} />
            <span>${text(`consent.${subject}`)}</span>
          </label>`,
        )}
      </fieldset>
      <div class="row">
        <button type="button" class="button" disabled=${!what.length} onClick=${() => record(true)}>
          <${Icon} name="check" />${text("consent.given")}
        </button>
        <button type="button" class="button" disabled=${!what.length} onClick=${() => record(false)}>
          <${Icon} name="cross" />${text("consent.withdrawn")}
        </button>
      </div>
      <p class="trouble" role="alert" lang="en">${trouble}</p>`}`;
}

function Given({ event }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { given, what = [] } = event.data;
  const names = what.map((each) => (SUBJECTS.includes(each) ? text(`consent.${each}`) : each));
  return html`<li data-given=${given}>
    <${Icon} name=${given ? "check" : "cross"} />
    <span>
      <b>${text(given ? "consent.given" : "consent.withdrawn")}</b>
      ${names.length > 0 && html`: ${listOf(names, speaker.code)}`}
      <small>${speaker.dateTime(new Date(event.at_ms))}${event.by && html` · ${event.by}`}</small>
    </span>
  </li>`;
}

/** Told before it is done: what is older goes at the next look, for good. */
function KeepDays({ code, days, onChange }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [wanted, setWanted] = useState(days ?? "");
  const [trouble, setTrouble] = useState("");
  const number = Number(wanted);
  const fits = Number.isInteger(number) && number >= 1 && number <= MAX_DAYS;
  const differs = fits && number !== days;
  const save = async (event) => {
    event.preventDefault();
    try {
      await session.put(`/api/history/children/${encodeURIComponent(code)}`, { keep_days: number });
      await onChange();
    } catch (error) {
      setTrouble(error.message || text("said.unreachable"));
    }
  };
  return html`<form class="keep-days" onSubmit=${save}>
    <label class="field">
      <span>${text("record.days")}</span>
      <input type="number" inputmode="numeric" min="1" max=${MAX_DAYS} value=${wanted} onInput=${(event) => setWanted(event.target.value)} />
    </label>
    ${differs &&
    html`<p class="missing-line">
      <${Icon} name="alert" />
      <span>
        ${days && `${speaker.number(days)} → `}${speaker.number(number)}
        <small>${text("record.days.older")}</small>
      </span>
      <button type="submit" class="button">${text("settings.apply")}</button>
    </p>`}
    <p class="trouble" role="alert" lang="en">${trouble}</p>
  </form>`;
}

/** For good, so the code is typed again. */
function Erase({ code, onErased }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [outcome, setOutcome] = useState("");
  const erase = async (event) => {
    event.preventDefault();
    setOutcome(text("record.erasing"));
    try {
      const path = `/api/history/children/${encodeURIComponent(code)}`;
      onErased(await session.remove(path, { confirm: typed }));
      setOutcome("");
      setTyped("");
      setOpen(false);
    } catch (error) {
      setOutcome(error.message || text("said.unreachable"));
    }
  };
  if (!isOpen) {
    return html`<p class="row">
      <button type="button" class="button" onClick=${() => setOpen(true)}>
        <${Icon} name="cross" />${text("record.erase")}
      </button>
    </p>`;
  }
  return html`<form class="erase" onSubmit=${erase}>
    <p class="missing-line"><${Icon} name="alert" /><span>${text("record.erase.detail", { child: code })}</span></p>
    <label class="field">
      <span>${text("record.erase.again", { child: code })}</span>
      <input type="text" autocapitalize="none" autocomplete="off" spellcheck=${false} value=${typed} onInput=${(event) => setTyped(event.target.value.trim())} />
    </label>
    <div class="row">
      <button type="submit" class="button warn" disabled=${typed !== code}>${text("record.erase.yes")}</button>
      <button type="button" class="button" onClick=${() => setOpen(false)}>${text("history.forget.no")}</button>
      <span role="status">${outcome}</span>
    </div>
  </form>`;
}

/** What is gone, what stays and why, and what could not be reached. */
function Erased({ code, log, selector }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const parts = selector.erased.map((part) => text(`record.part.${part}`));
  const lines = [
    !log.refusal && ["check", text("record.erased", { child: code, sessions: log.sessions })],
    parts.length > 0 && ["check", text("record.erased.parts", { parts: listOf(parts, speaker.code) })],
    selector.left.length > 0 && ["clock", text("record.left.dose")],
    log.refusal && ["alert", text("record.unreached.log"), log.refusal],
    selector.refusal && ["alert", text("record.unreached.selector"), selector.refusal],
  ].filter(Boolean);
  return html`<ul class="consents">
    ${lines.map(
      ([icon, words, why]) => html`<li key=${words} data-given=${icon !== "alert"}>
        <${Icon} name=${icon} /><span>${words}${why && html`<small lang="en">${why}</small>`}</span>
      </li>`,
    )}
  </ul>`;
}
