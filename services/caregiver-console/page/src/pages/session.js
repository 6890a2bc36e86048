/** A running session: what is felt, why, what comes next, and what a caregiver can do. */

import { isUnderWay, useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { go } from "../base/route.js";
import { useScenarios } from "../base/scenarios.js";
import { directionOf, faceOf, nextOf, whyOf } from "../base/words.js";
import { Controls } from "../parts/controls.js";
import { Icon } from "../parts/icons.js";
import { Picture } from "../parts/picture.js";
import { ChannelPlot, DistressPlot } from "../parts/plots.js";
import { Question } from "../parts/question.js";
import { Signals } from "../parts/signals.js";
import { TimerDisc } from "../parts/timer.js";

export function SessionPage() {
  const { speaker } = useConsole();
  const store = useTopics("session/state");
  const session = store.get("session/state");
  if (!isUnderWay(session)) return html`<${NoSession} session=${session} />`;
  return html`<div class="session">
    <${Question} session=${session} />
    <${Now} session=${session} />
    <${Controls} session=${session} />
    <section class="card plots" aria-label=${speaker.text("plot.region")}>
      <${ChannelPlot} />
      <${DistressPlot} />
    </section>
    <${Signals} session=${session} />
  </div>`;
}

function NoSession({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const known = Boolean(session);
  return html`<div class="centre">
    <section class="card no-session">
      <${Icon} name="session" size=${56} />
      <h1>${text(known ? "none.title" : "none.unknown")}</h1>
      ${known && session.session_id && html`<p>${whyOf(session, speaker)}</p>`}
      <div class="row">
        <button type="button" class="button main-action" onClick=${() => go("start")}>
          <${Icon} name="start" />${text("none.start")}
        </button>
        ${known &&
        session.session_id &&
        html`<button type="button" class="button" onClick=${() => go("after")}>
          <${Icon} name="history" />${text("page.after")}
        </button>`}
      </div>
    </section>
  </div>`;
}

function Now({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { titleOf, find } = useScenarios();
  const minutes = Math.ceil(session.minutes_left);
  return html`<section class="card now" aria-label=${text("now.region")}>
    <div class="now-head">
      <${Picture} source=${find(session.scenario)?.icon} size=${48} />
      <div class="now-title">
        <h1>${titleOf(session.scenario) || text("now.no-scenario")}</h1>
        <p class="soft">
          ${text(`phase.${session.phase}`)}
          ${session.scenario_phase && html` · <span lang="en">${session.scenario_phase}</span>`}
        </p>
      </div>
      <div class="now-time">
        <${TimerDisc} minutes=${session.minutes_left} size=${64} label=${text("now.left", { count: minutes })} />
        <span aria-hidden="true">${text("now.minutes", { count: minutes })}</span>
      </div>
    </div>
    <${Level} session=${session} />
    <p class="why" data-direction=${directionOf(session.change)}>
      <${Icon} name=${directionOf(session.change)} />
      <span>
        ${whyOf(session, speaker)}
        ${session.reason && html`<small lang="en">${session.reason}</small>`}
      </span>
    </p>
    <dl class="facts">
      <div><dt>${text("now.face")}</dt><dd>${text(`face.${faceOf(session)}`)}</dd></div>
      <div><dt>${text("now.child")}</dt><dd>${session.profile}</dd></div>
      <div><dt>${text("now.next")}</dt><dd>${nextOf(session, speaker, titleOf)}</dd></div>
    </dl>
  </section>`;
}

/** The intensity, and the ceiling that it stays below. */
function Level({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { intensity_pct: level, ceiling_pct: ceiling } = session;
  return html`<div class="level">
    <p class="level-words">
      <span>${text("now.intensity")} <b>${speaker.percent(level)}</b></span>
      <span class="soft">${text("now.ceiling", { ceiling: speaker.percent(ceiling) })}</span>
    </p>
    <svg class="level-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="level-ground" width="100" height="6" />
      <rect class="level-free" width=${ceiling} height="6" />
      <rect class="level-now" width=${level} height="6" />
      <rect class="level-mark" x=${Math.max(0, ceiling - 0.5)} width="0.6" height="6" />
    </svg>
  </div>`;
}
