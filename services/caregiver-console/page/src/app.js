/** The caregiver's frame: where one is, who one is, the page, and the stop. */

import { useEffect, useState } from "preact/hooks";

import { Console, useConsole, useTopics } from "./base/console.js";
import { html } from "./base/html.js";
import { NAMES, keepLanguage, preferredLanguage, speakerOf } from "./base/language.js";
import { go, useRoute } from "./base/route.js";
import { useSettled } from "./base/settle.js";
import { AfterPage } from "./pages/after.js";
import { HealthPage } from "./pages/health.js";
import { HistoryPage } from "./pages/history.js";
import { LoginPage } from "./pages/login.js";
import { SessionPage } from "./pages/session.js";
import { SettingsPage } from "./pages/settings.js";
import { StartPage } from "./pages/start.js";
import { TrustPage } from "./pages/trust.js";
import { Alarms } from "./parts/alarms.js";
import { Icon } from "./parts/icons.js";
import { Said } from "./parts/said.js";
import { StopColumn } from "./parts/stop.js";

const PAGES = {
  session: SessionPage,
  start: StartPage,
  after: AfterPage,
  history: HistoryPage,
  health: HealthPage,
  settings: SettingsPage,
  login: LoginPage,
  trust: TrustPage,
};
const TABS = ["session", "start", "history", "health", "settings"];
const PRESENT_EVERY_MS = 10_000;

export function App({ shared }) {
  const [code, setCode] = useState(preferredLanguage);
  const speaker = speakerOf(code);
  const route = useRoute();
  const Page = PAGES[route.page];
  const isSettled = useSettled(shared.session, [route.page, ...route.rest].join("/"));
  useEffect(() => {
    document.documentElement.lang = code;
    document.title = `${speaker.text(`page.${route.page}`)} · Calmloop`;
  }, [code, route.page]);
  useEffect(() => document.getElementById("main").scrollTo(0, 0), [route.page]);
  usePresence(shared.commander);
  const choose = (chosen) => {
    keepLanguage(chosen);
    setCode(chosen);
  };
  return html`<${Console.Provider} value=${{ ...shared, speaker }}>
    <div class="frame">
      <${Head} page=${route.page} onLanguage=${choose} />
      <main class="main" id="main" tabindex="0">
        <${Connection} />
        <${Alarms} />
        <div class="page" aria-busy=${!isSettled} key=${route.page}><${Page} rest=${route.rest} /></div>
      </main>
      <${StopColumn} />
      <${Said} />
    </div>
  <//>`;
}

/** A session in which nobody touches anything is eased down in time: touches are told of. */
function usePresence(commander) {
  useEffect(() => {
    let last = -Infinity;
    const touched = () => {
      if (performance.now() - last < PRESENT_EVERY_MS) return;
      last = performance.now();
      commander.send("present");
    };
    const kinds = ["pointerdown", "keydown"];
    kinds.forEach((kind) => addEventListener(kind, touched));
    return () => kinds.forEach((kind) => removeEventListener(kind, touched));
  }, [commander]);
}

function Head({ page, onLanguage }) {
  const { store, speaker } = useConsole();
  const { text } = speaker;
  useTopics("me");
  const name = store.get("me")?.name;
  return html`<header class="head">
    <a class="skip" href="#main" onClick=${skipTo}>${text("skip")}</a>
    <nav class="tabs" aria-label=${text("pages")}>
      ${TABS.map(
        (tab) => html`<a
          class="tab"
          key=${tab}
          href="#${tab}"
          aria-current=${tab === page ? "page" : undefined}
        >
          <${Icon} name=${tab} /><span class="tab-word">${text(`page.${tab}`)}</span>
        </a>`,
      )}
    </nav>
    <label class="language">
      <span class="hidden">${text("language")}</span>
      <select value=${speaker.code} onChange=${(event) => onLanguage(event.target.value)}>
        ${Object.entries(NAMES).map(
          ([code, own]) => html`<option key=${code} value=${code} lang=${code}>${own}</option>`,
        )}
      </select>
    </label>
    <button type="button" class="tab who" aria-current=${page === "login" ? "page" : undefined} onClick=${() => go("login")}>
      <${Icon} name="person" />
      <span class="tab-word">${name ?? text("page.login")}</span>
    </button>
  </header>`;
}

function skipTo(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** What is known may be old: that is said first. */
function Connection() {
  const { store, speaker } = useConsole();
  useTopics("stream", "server");
  const trouble = troubleOf(store.get("stream"), store.get("server"));
  if (!trouble) return null;
  return html`<p class="banner" role="alert">
    <${Icon} name="alert" /><span>${speaker.text(`connection.${trouble}`)}</span>
  </p>`;
}

export function troubleOf(stream, server) {
  if (!stream) return null;
  if (!stream.open) return "server";
  return server && !server.broker ? "broker" : null;
}
