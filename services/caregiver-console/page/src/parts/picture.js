/** A scenario's picture. It comes from a file that anybody may have written: only shapes are taken. */

import { useEffect, useRef } from "preact/hooks";

import { html } from "../base/html.js";

const SHAPES = new Set(["svg", "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect"]);
const ATTRIBUTES = new Set([
  "d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "points",
  "viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
  "stroke-dasharray", "opacity", "transform",
]);

/** The drawing without anything that could run, load or link; null where it is no drawing. */
export function onlyShapes(source) {
  const { documentElement: drawing } = new DOMParser().parseFromString(source, "image/svg+xml");
  if (drawing.localName !== "svg") return null;
  for (const element of [drawing, ...drawing.querySelectorAll("*")]) {
    if (!SHAPES.has(element.localName)) element.remove();
    for (const { name } of [...element.attributes]) {
      if (!ATTRIBUTES.has(name)) element.removeAttribute(name);
    }
  }
  return drawing;
}

export function Picture({ source, size = 64 }) {
  const place = useRef(null);
  useEffect(() => {
    const drawing = source ? onlyShapes(source) : null;
    drawing?.setAttribute("width", size);
    drawing?.setAttribute("height", size);
    place.current.replaceChildren(...(drawing ? [drawing] : []));
  }, [source, size]);
  return html`<span class="picture" ref=${place} aria-hidden="true"></span>`;
}
