/** What a caregiver can do in a session. Lowering needs no login; the server says what does. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { CHANNELS } from "../base/levels.js";
import { Icon } from "./icons.js";
import { useCommand } from "./said.js";

const CEILING_STEP_PCT = 5;

function Action({ icon, word, kind = "", ...rest }) {
  return html`<button type="button" class="button action ${kind}" ...${rest}>
    <${Icon} name=${icon} /><span>${word}</span>
  </button>`;
}

export function Controls({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("override/state");
  const command = useCommand();
  const override = store.get("override/state");
  const paused = session.phase === "paused";
  return html`<section class="card controls" aria-label=${text("control.region")}>
    <div class="pair">
      <${Action} icon="less" kind="big" word=${text("control.less")} onClick=${() => command("less")} />
      <${Action} icon="more" kind="big" word=${text("control.more")} onClick=${() => command("more")} />
    </div>
    <div class="actions">
      <${Action}
        icon="hold"
        word=${text("control.hold")}
        aria-pressed=${Boolean(override?.hold)}
        onClick=${() => command("hold")}
      />
      <${Action} icon="skip" word=${text("control.skip")} onClick=${() => command("skip")} />
      ${paused
        ? html`<${Action} icon="start" word=${text("control.resume")} onClick=${() => command("resume")} />`
        : html`<${Action} icon="pause" word=${text("control.pause")} onClick=${() => command("pause")} />`}
      <${Action} icon="finish" word=${text("control.finish")} onClick=${() => command("finish")} />
    </div>
    <${ChannelSwitches} override=${override} command=${command} />
    <${Ceiling} session=${session} command=${command} />
    <div class="actions">
      <${Release} override=${override} command=${command} />
      <${ChildSwitch} session=${session} command=${command} />
      ${session.change === "halted" &&
      html`<${Action}
        icon="check"
        word=${text("control.no-distress")}
        onClick=${() => command("void-halt", { profile: session.profile })}
      />`}
    </div>
  </section>`;
}

function ChannelSwitches({ override, command }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const off = override?.channels_off ?? [];
  return html`<fieldset class="switches">
    <legend>${text("control.channels")}</legend>
    ${CHANNELS.map(
      (name) => html`<button
        type="button"
        class="button switch"
        key=${name}
        data-channel=${name}
        aria-pressed=${!off.includes(name)}
        disabled=${off.includes(name)}
        onClick=${() => command("channels", { channels: [...off, name] })}
      >
        <${Icon} name=${name} />
        <span>${text(`channel.${name}`)}</span>
        <small>${text(off.includes(name) ? "control.off" : "control.on")}</small>
      </button>`,
    )}
  </fieldset>`;
}

function Ceiling({ session, command }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const to = (step) => Math.min(100, Math.max(0, session.ceiling_pct + step));
  const set = (step) => command("ceiling", { ceiling_pct: to(step) });
  return html`<div class="stepper" role="group" aria-label=${text("control.ceiling")}>
    <span class="stepper-word">${text("control.ceiling")}</span>
    <button type="button" class="button square" aria-label=${text("control.ceiling-down")} onClick=${() => set(-CEILING_STEP_PCT)}>
      <${Icon} name="less" />
    </button>
    <output>${speaker.percent(session.ceiling_pct)}</output>
    <button type="button" class="button square" aria-label=${text("control.ceiling-up")} onClick=${() => set(CEILING_STEP_PCT)}>
      <${Icon} name="more" />
    </button>
  </div>`;
}

/** Shown where a person has set something that lasts. */
function Release({ override, command }) {
  const { speaker } = useConsole();
  const isSet =
    override &&
    (override.hold ||
      override.channels_off?.length > 0 ||
      (override.ceiling_pct ?? null) !== null ||
      (override.scenario ?? null) !== null);
  if (!isSet) return null;
  return html`<${Action} icon="cross" word=${speaker.text("control.release")} onClick=${() => command("release")} />`;
}

function ChildSwitch({ session, command }) {
  const { speaker } = useConsole();
  const name = session.child_allowed ? "forbid-child" : "allow-child";
  return html`<${Action} icon="child" word=${speaker.text(`control.${name}`)} onClick=${() => command(name)} />`;
}
