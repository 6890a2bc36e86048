/** Alarms that call a person, until it says that it has heard them. */

import { useEffect } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";
import { useCommand } from "./said.js";
import { ring } from "./sound.js";

const RING_EVERY_MS = 5000;

export function activeAlarms(store) {
  return store
    .under("alarm/")
    .map(([, alarm]) => alarm)
    .filter((alarm) => alarm.active)
    .sort((one, other) => rank(one) - rank(other) || other.since.localeCompare(one.since));
}

const rank = (alarm) => (alarm.acknowledged ? 2 : 0) + (alarm.severity === "critical" ? 0 : 1);

export function Alarms() {
  const { speaker } = useConsole();
  const store = useTopics("alarm/");
  const command = useCommand();
  const { text } = speaker;
  const open = activeAlarms(store).filter((alarm) => !alarm.acknowledged);
  useEffect(() => {
    if (!open.length) return undefined;
    ring();
    const timer = setInterval(ring, RING_EVERY_MS);
    return () => clearInterval(timer);
  }, [open.map((alarm) => alarm.kind).join()]);
  return html`<div class="alarms" role="alert">
    ${open.map(
      (alarm) => html`<section class="alarm" data-severity=${alarm.severity} key=${alarm.kind}>
        <${Icon} name="alert" size=${28} />
        <div class="alarm-words">
          <strong>${text(`alarm.${alarm.kind}`)}</strong>
          <small lang="en">${alarm.text}</small>
        </div>
        <button
          type="button"
          class="button"
          onClick=${() => command("acknowledge", { kind: alarm.kind })}
        >
          <${Icon} name="check" />${text("alarm.acknowledge")}
        </button>
      </section>`,
    )}
  </div>`;
}
