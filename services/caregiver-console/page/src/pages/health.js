/** Whether everything does its part: the services, the chair's link, what the camera makes of the picture. */

import { useConsole, useEvery, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { CameraView } from "../parts/camera.js";
import { Errors } from "../parts/errors.js";
import { Icon } from "../parts/icons.js";
import { LogHealth } from "../parts/keeping.js";
import { Shadows } from "../parts/shadows.js";
import { activeAlarms } from "../parts/alarms.js";

const BEAT_STALE_MS = 1500;
const LOOK_MS = 500;

export function HealthPage() {
  const { speaker } = useConsole();
  return html`<div class="health">
    <div class="column">
      <${Services} />
      <${Called} />
      <${Errors} />
    </div>
    <div class="column">
      <${ChairLink} />
      <${LogHealth} />
      <${Shadows} />
      <section class="card">
        <h2>${speaker.text("health.camera")}</h2>
        <${CameraView} />
      </section>
    </div>
  </div>`;
}

/** What each service says of itself, and whether its own loop still beats; a shadow answers instead. */
export function servicesOf(store) {
  const shadows = store.get("server")?.shadows ?? [];
  return store
    .under("service/")
    .filter(([topic]) => topic.endsWith("/status"))
    .map(([topic, status]) => {
      const beatTopic = topic.replace(/status$/, "heartbeat");
      const beat = store.get(beatTopic);
      const answers = shadows.includes(`${status.service}/${status.instance}`);
      const condition = conditionOf(status, beat, store.ageMs(beatTopic), answers);
      return { ...status, beat, condition };
    })
    .sort((one, other) => one.service.localeCompare(other.service));
}

export function conditionOf(status, beat, beatAgeMs, answers = false) {
  if (status.presence !== "online") return status.presence;
  if (answers) return "well";
  if (!beat || beatAgeMs > BEAT_STALE_MS) return "silent";
  return beat.healthy ? "well" : "waits";
}

function Services() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("server");
  useEvery(LOOK_MS);
  const services = servicesOf(store);
  const server = store.get("server");
  return html`<section class="card">
    <h1>${text("page.health")}</h1>
    <ul class="services">
      ${services.map(
        (each) => html`<li key=${each.service + each.instance} data-condition=${each.condition}>
          <${Icon} name=${each.condition === "well" ? "check" : "alert"} />
          <b>${each.service}</b>
          <span>${text(`condition.${each.condition}`)}</span>
          <small>${each.version}</small>
          ${each.beat?.waits_for && html`<small class="wide" lang="en">${each.beat.waits_for}</small>`}
        </li>`,
      )}
    </ul>
    ${!services.length && html`<p>${text("health.none")}</p>`}
    ${server &&
    html`<p class="soft">${text("health.server", { chair: server.chair_id ?? "" })}</p>`}
  </section>`;
}

function ChairLink() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("chair/state");
  const chair = store.get("chair/state");
  if (!chair) {
    return html`<section class="card"><h2>${text("health.chair")}</h2><p>${text("missing.chair")}</p></section>`;
  }
  const { link, inputs } = chair;
  const rows = [
    ["health.mode", text(`chair.${chair.mode}`)],
    ["health.firmware", chair.firmware || "–"],
    ["health.calibration", text(`calibration.${chair.calibration}`)],
    ["health.round-trip", link.round_trip_ms === null ? "–" : `${speaker.number(link.round_trip_ms, 1)} ms`],
    ["health.lost", speaker.number(link.lost + link.bad_crc)],
    ["health.supply", `${speaker.number(inputs.supply_v, 1)} V`],
    ["health.estop", text(inputs.estop ? "health.pressed" : "health.free")],
    ["health.seat", text(inputs.seat ? "health.taken" : "health.empty")],
  ];
  return html`<section class="card">
    <h2>${text("health.chair")}</h2>
    <dl class="facts">
      ${rows.map(([key, value]) => html`<div key=${key}><dt>${text(key)}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${chair.fault &&
    html`<p class="missing-line"><${Icon} name="alert" /><span lang="en">${chair.fault}: ${chair.fault_remedy}</span></p>`}
  </section>`;
}

/** Alarms that are still on, those that somebody has acknowledged too. */
function Called() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("alarm/");
  const alarms = activeAlarms(store);
  return html`<section class="card">
    <h2>${text("health.alarms")}</h2>
    ${alarms.length
      ? html`<ul class="services">
          ${alarms.map(
            (alarm) => html`<li key=${alarm.kind}>
              <${Icon} name="alert" />
              <b>${text(`alarm.${alarm.kind}`)}</b>
              <span>${text(alarm.acknowledged ? "alarm.acknowledged" : "alarm.open")}</span>
              <small class="wide" lang="en">${alarm.text}</small>
            </li>`,
          )}
        </ul>`
      : html`<p>${text("health.quiet")}</p>`}
  </section>`;
}
