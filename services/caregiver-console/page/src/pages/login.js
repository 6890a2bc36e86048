/** Who stands here: a name and a PIN, on keys large enough for a finger. */

import { useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { Icon } from "../parts/icons.js";

const KEPT_AS = "calmloop-name";
const PIN = { low: 6, high: 12 };
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function LoginPage() {
  const { speaker } = useConsole();
  const store = useTopics("me", "server");
  const me = store.get("me");
  if (me?.name) return html`<${LoggedIn} me=${me} />`;
  if (store.get("server")?.users === false) return html`<${Nobody} />`;
  return html`<div class="centre"><${LoginForm} speaker=${speaker} /></div>`;
}

function LoggedIn({ me }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  return html`<div class="centre">
    <section class="card login">
      <${Icon} name="person" size=${48} />
      <h1>${me.name}</h1>
      <p class="soft">${text(`role.${me.role}`)}</p>
      <div class="row">
        <button type="button" class="button main-action" onClick=${() => go("start")}>${text("none.start")}</button>
        <button type="button" class="button" onClick=${() => session.logout().catch(() => {})}>${text("login.out")}</button>
      </div>
    </section>
  </div>`;
}

function Nobody() {
  const { speaker } = useConsole();
  return html`<div class="centre">
    <section class="card login">
      <${Icon} name="person" size=${48} />
      <h1>${speaker.text("login.nobody")}</h1>
      <p>${speaker.text("login.nobody.detail")}</p>
      <code>calmloop console user add</code>
    </section>
  </div>`;
}

function LoginForm({ speaker }) {
  const { session } = useConsole();
  const { text } = speaker;
  const [name, setName] = useState(localStorage.getItem(KEPT_AS) ?? "");
  const [pin, setPin] = useState("");
  const [trouble, setTrouble] = useState("");
  const put = (digit) => setPin((before) => (before + digit).slice(0, PIN.high));

  const submit = async (event) => {
    event.preventDefault();
    try {
      await session.login(name.trim(), pin);
      localStorage.setItem(KEPT_AS, name.trim());
      history.length > 1 ? history.back() : go("start");
    } catch (error) {
      setTrouble(troubleText(error, text));
    }
    setPin("");
  };

  return html`<form class="card login" onSubmit=${submit} autocomplete="off">
    <h1>${text("login.title")}</h1>
    <label class="field">
      <span>${text("login.name")}</span>
      <input
        type="text"
        value=${name}
        maxlength="40"
        autocomplete="username"
        onInput=${(event) => setName(event.target.value)}
      />
    </label>
    <label class="field">
      <span>${text("login.pin")}</span>
      <input
        type="password"
        inputmode="numeric"
        autocomplete="off"
        value=${pin}
        maxlength=${PIN.high}
        onInput=${(event) => setPin(event.target.value.replace(/\D/g, ""))}
      />
    </label>
    <div class="keys">
      ${DIGITS.map((digit) => html`<button type="button" class="button key" key=${digit} onClick=${() => put(digit)}>${digit}</button>`)}
      <button type="button" class="button key" aria-label=${text("login.erase")} onClick=${() => setPin(pin.slice(0, -1))}>
        <${Icon} name="back" />
      </button>
      <button type="button" class="button key" onClick=${() => put("0")}>0</button>
      <button type="submit" class="button key main-action" disabled=${pin.length < PIN.low || !name.trim()} aria-label=${text("login.in")}>
        <${Icon} name="check" />
      </button>
    </div>
    <p class="trouble" role="alert">${trouble}</p>
  </form>`;
}

function troubleText(error, text) {
  if (error.status === 429) return text("login.locked", { seconds: Math.ceil(error.body.retry_s ?? 60) });
  if (error.status === 401) return text("login.wrong");
  return error.message || text("said.unreachable");
}
