/** What may change at run time: camera and microphone, where the chair is used, and who may log in. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Bounds } from "../parts/bounds.js";
import { Icon } from "../parts/icons.js";
import { useCommand } from "../parts/said.js";
import { UseContext } from "../parts/usecontext.js";
import { Users } from "../parts/users.js";

export function SettingsPage() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("camera/state", "voice/state", "me");
  const me = store.get("me");
  return html`<div class="settings">
    <section class="card">
      <h1>${text("page.settings")}</h1>
      <${Switch} name="camera" state=${store.get("camera/state")} />
      ${me?.name && html`<${Switch} name="voice" state=${store.get("voice/state")} />`}
      <p class="row">
        <a class="button" href="#trust"><${Icon} name="camera" />${text("settings.trust")}</a>
        <a class="button" href="/child" target="_blank" rel="noopener">
          <${Icon} name="child" />${text("settings.child")}
        </a>
      </p>
    </section>
    ${["caregiver", "technician"].includes(me?.role) && html`<${Bounds} />`}
    <${UseContext} isTechnician=${me?.role === "technician"} />
    ${me?.role === "technician" && html`<${Users} />`}
  </div>`;
}

function Switch({ name, state }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const command = useCommand();
  if (!state) return null;
  return html`<div class="stepper">
    <span class="stepper-word" id=${`switch-${name}`}>${text(`settings.${name}`)}</span>
    <button
      type="button"
      class="button"
      aria-pressed=${state.enabled}
      aria-describedby=${`switch-${name}`}
      onClick=${() => command(name, { enabled: !state.enabled })}
    >
      <${Icon} name=${state.enabled ? "check" : "cross"} />
      ${text(state.enabled ? "control.on" : "control.off")}
    </button>
  </div>`;
}
