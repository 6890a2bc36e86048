/** The child's page: pictures, less, more, stop, and the time that is left. Nothing to read, nothing that blinks. */

import { useEffect } from "preact/hooks";

import { Console, useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { preferredLanguage, speakerOf } from "../base/language.js";
import { useScenarios } from "../base/scenarios.js";
import { Picture } from "../parts/picture.js";
import { onTouch, useStop } from "../parts/stop.js";
import { TimerDisc } from "../parts/timer.js";

export function ChildPage({ shared }) {
  const speaker = speakerOf(preferredLanguage());
  useEffect(() => {
    document.documentElement.lang = speaker.code;
    document.title = speaker.text("child.title");
    document.documentElement.classList.add("of-child");
  }, []);
  return html`<${Console.Provider} value=${{ ...shared, speaker }}><${ChildScreen} /><//>`;
}

function ChildScreen() {
  const { commander, speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("session/state", "stream");
  const session = store.get("session/state");
  const { view, press } = useStop();
  const active = Boolean(session) && session.phase !== "idle";
  const allowed = active && session.child_allowed;
  return html`<main class="child" data-view=${view}>
    <h1 class="hidden">${text("child.title")}</h1>
    <div class="child-time">
      <${TimerDisc}
        minutes=${active ? session.minutes_left : 0}
        size="100%"
        label=${text("now.left", { count: active ? Math.ceil(session.minutes_left) : 0 })}
      />
    </div>
    <${Offers} session=${allowed ? session : null} />
    <div class="child-pair">
      <${Big}
        kind="less"
        label=${text("control.less")}
        hidden=${!active}
        onTouch=${() => commander.send("child-less")}
      />
      <${Big}
        kind="more"
        label=${text("control.more")}
        hidden=${!allowed}
        onTouch=${() => commander.send("child-more")}
      />
    </div>
    <button type="button" class="child-stop" aria-label=${text("stop.word")} ...${onTouch(press)}>
      <${StopPicture} view=${view} />
    </button>
    <p class="hidden" role="alert">${view === "ready" ? "" : text(`stop.${view}`)}</p>
  </main>`;
}

/** A small wave, and a large one. */
function Big({ kind, label, hidden, onTouch }) {
  return html`<button
    type="button"
    class="child-big"
    data-kind=${kind}
    aria-label=${label}
    disabled=${hidden}
    onClick=${onTouch}
  >
    <svg viewBox="0 0 100 60" aria-hidden="true">
      <path d=${kind === "less" ? "M10 34q10-8 20 0t20 0 20 0 20 0" : "M10 34q10-36 20 0t20 0 20 0 20 0"} />
    </svg>
  </button>`;
}

/** The palm of a hand; a tick once the chair says that it rests, an arrow to the grown-up where it does not. */
function StopPicture({ view }) {
  return html`<svg viewBox="0 0 100 100" aria-hidden="true">
    <path
      class="palm"
      d="M32 54V27a5.5 5.5 0 0 1 11 0v19-27a5.5 5.5 0 0 1 11 0v27-23a5.5 5.5 0 0 1 11 0v27-14a5.5 5.5 0 0 1 11 0v28c0 18-9 28-24 28-11 0-17-5-22-15l-9-18c-3-6 5-11 9-5z"
    />
    <path class="between" d="M43 47V30M54 47V25M65 48V32" />
    ${["stopped", "told"].includes(view) && html`<g class="mark"><circle cx="80" cy="80" r="17" /><path d="M71 80l6.5 7L89 73" /></g>`}
    ${view === "unconfirmed" &&
    html`<g class="mark"><circle cx="80" cy="80" r="17" /><path d="M80 70v12M80 88.500v.5" /></g>`}
  </svg>`;
}

function Offers({ session }) {
  const { commander, speaker } = useConsole();
  const { find } = useScenarios();
  const offers = session?.offers ?? [];
  return html`<div class="child-offers">
    ${offers.map((offer) => {
      const scenario = find(offer.scenario);
      return html`<button
        type="button"
        class="child-offer"
        key=${offer.scenario}
        aria-pressed=${offer.scenario === session.scenario}
        aria-label=${scenario ? speaker.title(scenario) : offer.title}
        onClick=${() => commander.send("child-choose", { scenario: offer.scenario })}
      >
        <${Picture} source=${scenario?.icon} size="100%" />
      </button>`;
    })}
  </div>`;
}
