/** Five faces from very unwell to very well, drawn here. */

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";

const MOUTHS = {
  1: "M19 44q13-14 26 0",
  2: "M20 42q12-7 24 0",
  3: "M20 40h24",
  4: "M20 38q12 8 24 0",
  5: "M18 36q14 17 28 0",
};

export function Smiley({ value, size = 56 }) {
  return html`<svg
    width=${size}
    height=${size}
    viewBox="0 0 64 64"
    fill="none"
    stroke="currentColor"
    stroke-width="3.5"
    stroke-linecap="round"
    aria-hidden="true"
  >
    <circle cx="32" cy="32" r="27" />
    <path d="M23 24v4M41 24v4" />
    <path d=${MOUTHS[value]} />
  </svg>`;
}

/** A question that five faces answer. */
export function SmileyChoice({ title, value, onChoose }) {
  const { speaker } = useConsole();
  return html`<fieldset class="choice">
    <legend>${title}</legend>
    <div class="smileys">
      ${[1, 2, 3, 4, 5].map(
        (each) => html`<button
          type="button"
          class="button smiley"
          key=${each}
          aria-pressed=${value === each}
          onClick=${() => onChoose(each)}
        >
          <${Smiley} value=${each} />
          <small>${speaker.text(`rating.${each}`)}</small>
        </button>`,
      )}
    </div>
  </fieldset>`;
}
