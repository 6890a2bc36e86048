/** How a child's sessions went over time: in words first, then drawn. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { columnsOf, mostOf, summaryOf } from "../base/trends.js";
import { Sample, axisStyle, styleOf } from "./plot.js";

const FEWEST = 2;
const HEIGHT_PX = 140;
const HALF_A_DAY_S = 43_200;
const FEWEST_STEPS = 4;
/** Between the ticks of counts. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100];

const percentOf = (share) => (typeof share === "number" ? 100 * share : null);
const isDrawn = ({ series }, sessions) => sessions.some((each) => series.some(({ read }) => typeof read(each) === "number"));
const PLOTS = [
  {
    title: "trends.ratings",
    range: [0.5, 5.5],
    ticks: [1, 2, 3, 4, 5],
    series: [
      { label: "history.before", colour: "--light", dash: [5, 4], read: (each) => each.rating_before },
      { label: "history.after", colour: "--accent", read: (each) => each.rating_after },
    ],
  },
  {
    title: "trends.intensity",
    range: [0, 100],
    ticks: [0, 25, 50, 75, 100],
    series: [
      { label: "trends.highest", colour: "--vibration", read: (each) => each.max_pct },
      { label: "trends.mean", colour: "--sound", dash: [5, 4], read: (each) => each.mean_pct },
      { label: "trends.halted", colour: "--stop", alone: true, read: (each) => each.end_change === "halted" ? each.max_pct ?? 0 : null },
    ],
  },
  {
    title: "trends.steps",
    series: [
      { label: "trends.raised", colour: "--vibration", read: (each) => each.raised },
      { label: "trends.lowered", colour: "--sound", dash: [5, 4], read: (each) => each.lowered },
    ],
  },
  {
    title: "trends.known",
    range: [0, 100],
    ticks: [0, 25, 50, 75, 100],
    series: [{ label: "trends.known.share", colour: "--accent", read: (each) => percentOf(each.known_share) }],
  },
];

export function Trends({ sessions }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  if (sessions.length < FEWEST) return null;
  const { count, rated, better, worse, minutes, halted, stops, mean_pct, known_share } = summaryOf(sessions);
  const facts = [
    ["trends.sessions", speaker.number(count)],
    ["trends.better", text("trends.of", { part: better, whole: rated })],
    ["trends.worse", text("trends.of", { part: worse, whole: rated })],
    ["trends.minutes", minutes === null ? "–" : text("now.minutes", { count: Math.round(minutes) })],
    mean_pct !== null && ["trends.mean.of-all", speaker.percent(mean_pct)],
    known_share !== null && ["trends.known.of-all", speaker.percent(percentOf(known_share))],
    ["trends.halted", speaker.number(halted)],
    ["trends.stops", speaker.number(stops)],
  ].filter(Boolean);
  return html`<section class="card trends">
    <h2>${text("trends.title")}</h2>
    <dl class="facts">
      ${facts.map(([key, value]) => html`<div key=${key}><dt>${text(key)}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${PLOTS.filter((plot) => isDrawn(plot, sessions)).map((plot) => html`<${Trend} key=${plot.title} ...${plot} sessions=${sessions} />`)}
    <p class="soft">${text("trends.limits")}</p>
  </section>`;
}

function Trend({ title, range, ticks, series, sessions }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const place = useRef(null);
  useEffect(() => {
    const element = place.current;
    const day = new Intl.DateTimeFormat(speaker.code, { day: "numeric", month: "short" });
    const axis = axisStyle();
    const readers = series.map((each) => each.read);
    const most = Math.max(FEWEST_STEPS, mostOf(sessions, readers));
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        cursor: { show: false },
        legend: { show: false },
        padding: [8, 12, 0, 0],
        scales: {
          x: { time: true, range: (_plot, low, high) => [low - HALF_A_DAY_S, high + HALF_A_DAY_S] },
          y: { range: range ?? [0, most] },
        },
        axes: [
          { ...axis, size: 26, space: 80, values: (_plot, at) => at.map((s) => day.format(s * 1000)) },
          { ...axis, size: 40, ...(ticks ? { splits: () => ticks } : { incrs: WHOLE }), values: (_plot, values) => values.map((value) => speaker.number(value)) },
        ],
        series: [{}, ...series.map(drawn)],
      },
      columnsOf(sessions, readers),
      element,
    );
    const follow = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    follow.observe(element);
    return () => {
      follow.disconnect();
      plot.destroy();
    };
  }, [sessions, speaker.code]);
  return html`<figure class="plot">
    <figcaption>
      <h3>${text(title)}</h3>
      <ul class="legend">
        ${series.map(
          (each) => html`<li key=${each.label}><${Sample} colour=${each.colour} dash=${each.alone ? [8, 40] : each.dash} /><span>${text(each.label)}</span></li>`,
        )}
      </ul>
    </figcaption>
    <div class="plot-place" ref=${place} aria-hidden="true"></div>
  </figure>`;
}

/** A point for each session, since days lie between them; a line where the course is the point. */
function drawn({ colour, dash, alone }) {
  const stroke = styleOf(colour);
  return {
    stroke,
    dash,
    width: alone ? 0 : 2,
    spanGaps: true,
    points: { show: true, size: alone ? 12 : 7, fill: stroke, stroke, width: 1 },
  };
}
