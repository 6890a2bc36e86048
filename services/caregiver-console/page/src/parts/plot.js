/** A live plot. What it shows stands beside it in words, too: the drawing is hidden from readers. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { KEPT_S } from "../base/traces.js";

const AXIS_PX = 44;

export const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What all axes of all plots look like. */
export const axisStyle = () => ({
  stroke: styleOf("--ink-soft"),
  font: `13px ${styleOf("--font")}`,
  grid: { stroke: styleOf("--line"), width: 1 },
  ticks: { show: false },
});

function optionsOf({ series, range, unit, speaker, width, height }) {
  const axis = axisStyle();
  return {
    width,
    height,
    pxAlign: false,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 4, 0, 0],
    scales: {
      x: { time: true, range: (_plot, _low, high) => [high - KEPT_S, high] },
      y: { range },
    },
    axes: [
      { ...axis, size: 26, space: 90, values: (_plot, at) => at.map((s) => speaker.time(new Date(s * 1000))) },
      { ...axis, size: AXIS_PX, space: 32, values: (_plot, values) => values.map((v) => unit(v)) },
    ],
    series: [
      {},
      ...series.map((each) => ({
        stroke: styleOf(each.colour),
        width: 2.5,
        dash: each.dash,
        points: { show: false },
      })),
    ],
  };
}

/**
 * @param {object} props
 * @param {{name: string, label: string, colour: string, dash?: number[], read: Function, now: string}[]} props.series
 */
export function Plot({ series, range, unit, title, height = 150 }) {
  const { traces, speaker } = useConsole();
  const place = useRef(null);
  const plot = useRef(null);
  useTopics("traces");
  const shape = series.map((each) => each.name).join();

  useEffect(() => {
    const element = place.current;
    const width = element.clientWidth;
    plot.current = new uPlot(
      optionsOf({ series, range, unit, speaker, width, height }),
      traces.columns(series.map((each) => each.read)),
      element,
    );
    const follow = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height }),
    );
    follow.observe(element);
    return () => {
      follow.disconnect();
      plot.current.destroy();
      plot.current = null;
    };
  }, [shape, speaker.code, height]);
  useEffect(() => plot.current?.setData(traces.columns(series.map((each) => each.read))));

  return html`<figure class="plot">
    <figcaption>
      <h2>${title}</h2>
      <ul class="legend">
        ${series.map(
          (each) => html`<li key=${each.name}>
            <${Sample} colour=${each.colour} dash=${each.dash} />
            <span>${each.label}</span><b>${each.now}</b>
          </li>`,
        )}
      </ul>
    </figcaption>
    <div class="plot-place" ref=${place} aria-hidden="true"></div>
  </figure>`;
}

export function Sample({ colour, dash }) {
  return html`<svg width="28" height="8" aria-hidden="true">
    <line
      x1="1"
      y1="4"
      x2="27"
      y2="4"
      stroke="var(${colour})"
      stroke-width="3"
      stroke-dasharray=${dash?.join(" ")}
    />
  </svg>`;
}
