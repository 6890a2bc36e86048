/** Ways to choose: one of a few, and a number by steps. */

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

/** One of a few, all in sight. */
export function Choice({ title, value, options, onChange }) {
  return html`<fieldset class="choice">
    <legend>${title}</legend>
    <div class="choice-row">
      ${options.map(
        (option) => html`<button
          type="button"
          class="button option"
          key=${option.value}
          aria-pressed=${option.value === value}
          onClick=${() => onChange(option.value)}
        >
          <b>${option.label}</b>
          ${option.detail && html`<small>${option.detail}</small>`}
        </button>`,
      )}
    </div>
  </fieldset>`;
}

/** A number between two bounds. */
export function Stepper({ title, value, low, high, step, shown, onChange }) {
  const { speaker } = useConsole();
  const to = (change) => onChange(Math.min(high, Math.max(low, value + change)));
  return html`<div class="stepper" role="group" aria-label=${title}>
    <span class="stepper-word">${title}</span>
    <button
      type="button"
      class="button square"
      aria-label=${speaker.text("stepper.fewer")}
      onClick=${() => to(-step)}
    >
      <${Icon} name="less" />
    </button>
    <output>${shown}</output>
    <button
      type="button"
      class="button square"
      aria-label=${speaker.text("stepper.more")}
      onClick=${() => to(step)}
    >
      <${Icon} name="more" />
    </button>
  </div>`;
}
