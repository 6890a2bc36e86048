/** The two plots of a session: what the chair does, and what the signals say. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { CHANNELS, levelsOf } from "../base/levels.js";
import { Plot } from "./plot.js";

const DASHES = [undefined, [9, 5], [3, 4], [12, 4, 3, 4], [6, 3], [2, 6]];
const MIN_TOP_PCT = 20;
const DISTRESS_TOP = 1.2;

/** At least 0 to 20 %, so that a quiet session is not drawn as a storm. */
const levelRange = (_plot, _low, high) => [0, Math.min(100, Math.max(MIN_TOP_PCT, high * 1.2))];
const distressRange = (_plot, _low, high) => [0, Math.max(DISTRESS_TOP, high * 1.1)];

export function ChannelPlot() {
  const { speaker } = useConsole();
  const store = useTopics("chair/state");
  const levels = levelsOf(store.get("chair/state"));
  const series = CHANNELS.map((name, index) => ({
    name,
    label: speaker.text(`channel.${name}`),
    colour: `--${name}`,
    dash: DASHES[index],
    read: (sample) => sample[name],
    now: levels[name] === null ? "–" : speaker.percent(levels[name]),
  }));
  return html`<${Plot}
    title=${speaker.text("plot.channels")}
    series=${series}
    range=${levelRange}
    unit=${(value) => speaker.percent(value)}
  />`;
}

export function DistressPlot() {
  const { speaker } = useConsole();
  const store = useTopics("session/state");
  const session = store.get("session/state");
  const series = ["fast", "slow"].map((name, index) => ({
    name,
    label: speaker.text(`plot.${name}`),
    colour: `--${name}`,
    dash: DASHES[index],
    read: (sample) => sample[name],
    now: session ? speaker.percent(100 * session[`distress_${name}`]) : "–",
  }));
  return html`<${Plot}
    title=${speaker.text("plot.distress")}
    series=${series}
    range=${distressRange}
    unit=${(value) => speaker.percent(100 * value)}
  />`;
}
