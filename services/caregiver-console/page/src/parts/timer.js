/** Minutes left as a disc that grows smaller: a full turn is thirty minutes, the longest session. */

import { html } from "../base/html.js";
import { RADIUS, wedge } from "../base/wedge.js";

const TICKS = Array.from({ length: 12 }, (_each, index) => (index * Math.PI) / 6);

export function TimerDisc({ minutes, size, label }) {
  return html`<svg
    class="timer"
    width=${size}
    height=${size}
    viewBox="0 0 100 100"
    role="img"
    aria-label=${label}
  >
    <circle class="timer-ground" cx="50" cy="50" r=${RADIUS} />
    <path class="timer-left" d=${wedge(minutes)} />
    ${TICKS.map(
      (angle) => html`<line
        key=${angle}
        class="timer-tick"
        x1=${50 + 45 * Math.sin(angle)}
        y1=${50 - 45 * Math.cos(angle)}
        x2=${50 + 48 * Math.sin(angle)}
        y2=${50 - 48 * Math.cos(angle)}
      />`,
    )}
  </svg>`;
}
