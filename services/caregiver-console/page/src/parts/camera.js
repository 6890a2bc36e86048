/** Where the face is and what it reads as, drawn: no picture ever comes here. */

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";

const FRAME = { width: 640, height: 480 };

export function CameraView() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("face/state", "emotion/state", "camera/state", "me");
  const camera = store.get("camera/state");
  const face = store.get("face/state");
  const emotion = store.get("emotion/state");
  if (!store.get("me")?.name) return html`<p>${text("camera.login")}</p>`;
  const label = text(`face.${emotion?.label ?? "unknown"}`);
  const box = face?.box;
  const said = box ? label : text(face?.reason ? `noface.${face.reason}` : "camera.none");
  return html`<div class="camera">
    <svg viewBox="0 0 ${FRAME.width} ${FRAME.height}" role="img" aria-label=${said}>
      <rect class="camera-ground" width=${FRAME.width} height=${FRAME.height} rx="16" />
      ${box &&
      html`<g>
        <rect
          class="camera-box"
          x=${box.x_px}
          y=${box.y_px}
          width=${box.width_px}
          height=${box.height_px}
          rx="24"
        />
        <text x=${box.x_px} y=${Math.max(40, box.y_px - 16)}>${label}</text>
      </g>`}
    </svg>
    <p>
      <b>${said}</b>
      ${emotion && box && html` · ${text("camera.certainty", { certainty: speaker.percent(100 * emotion.confidence) })}`}
    </p>
    <p class="soft">
      ${camera ? text(`camera.${camera.condition}`) : text("camera.none")}
      ${camera?.fps > 0 && html` · ${text("camera.fps", { fps: camera.fps })}`}
      ${camera?.camera_kind && html` · ${text(`kind.${camera.camera_kind}`)}`}
    </p>
    <p class="soft">${text("camera.no-picture")}</p>
  </div>`;
}
