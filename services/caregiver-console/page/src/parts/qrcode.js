/** A code that a camera reads: dark on light, with the quiet border that ISO/IEC 18004 wants. */

import { useEffect, useState } from "preact/hooks";

import { html } from "../base/html.js";

const BORDER = 4;

/** Drawn once its encoder has come, which only this needs; `label` says what it leads to. */
export function QrCode({ data, label }) {
  const [code, setCode] = useState(null);
  useEffect(() => {
    let over = false;
    import("uqr").then(({ encode }) => !over && setCode(encode(data, { ecc: "M", border: BORDER })));
    return () => {
      over = true;
    };
  }, [data]);
  if (!code) return null;
  const dark = code.data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${code.size} ${code.size}" shape-rendering="crispEdges">
    <rect width=${code.size} height=${code.size} fill="#fff" />
    <path d=${dark.join("")} fill="#000" />
  </svg>`;
}
