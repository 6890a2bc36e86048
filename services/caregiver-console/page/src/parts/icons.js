/** Signs of the page's own, drawn on 24 by 24; they stand beside words and are hidden from readers. */

import { html } from "../base/html.js";

const PATHS = {
  session: "M3 12h3l3-7 4 14 3-7h5",
  start: "M8 5v14l11-7z",
  history: "M4 19V9m5 10V5m5 14v-7m5 7V8",
  health: "M12 20s-7-4.6-7-10a4 4 0 0 1 7-2.6A4 4 0 0 1 19 10c0 5.4-7 10-7 10z",
  settings: "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5v5M8.5 14.5v5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-6 8-6s7 2 8 6",
  less: "M5 12h14",
  more: "M5 12h14M12 5v14",
  hold: "M7 11V6.5a1.5 1.5 0 0 1 3 0V11m0-6.500a1.5 1.5 0 0 1 3 0V11m0-4a1.5 1.5 0 0 1 3 0v6c0 4-2 7-5 7s-4-1-6-5l-1.5-3a1.4 1.4 0 0 1 2.5-1.200L7 13",
  skip: "M6 5v14l9-7zM18 5v14",
  pause: "M8 5v14M16 5v14",
  finish: "M6 6h12v12H6z",
  vibration: "M3 9v6m3-9v12m4-8v4m4-8v12m4-8v4m3-5v6",
  sound: "M4 10v4h4l5 4V6l-5 4zM16.5 9a4 4 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11",
  light: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 11c.7.6 1 1 1 2h5c0-1 .3-1.4 1-2A6 6 0 0 0 12 3z",
  check: "M5 12.500l4.5 4.500L19 7.5",
  alert: "M12 4l9 16H3zM12 10v4.500M12 17.500v.1",
  question: "M9 9a3 3 0 1 1 4 2.800c-.7.3-1 .9-1 1.700v.500M12 17.500v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  cross: "M6 6l12 12M18 6L6 18",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  steady: "M5 9h14M5 15h14",
  child: "M12 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 20v-3a6 6 0 0 1 12 0v3",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.500V12l3 2",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  back: "M15 5l-7 7 7 7",
  hand: "M8 12V5.500a1.5 1.5 0 0 1 3 0V11",
};

export function Icon({ name, size = 24 }) {
  return html`<svg
    class="icon"
    width=${size}
    height=${size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d=${PATHS[name]} />
  </svg>`;
}
