/** Stop: on every page, the largest thing on it. */

import { useEffect, useRef } from "preact/hooks";

import { useConsole, useEvery, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { REPEAT_MS, StopWatch, isAtRest } from "../base/stop.js";
import { Icon } from "./icons.js";

const LOOK_MS = 100;
const SIGNS = { sent: "clock", stopped: "check", unconfirmed: "alert", silent: "alert" };

/** Sends on pointerdown, and again until the chair itself says that it is at rest. */
export function useStop() {
  const { store, commander } = useConsole();
  const watch = useRef(new StopWatch());
  useTopics("chair/state", "stop/state");
  useEvery(LOOK_MS);
  useEffect(() => {
    const timer = setInterval(() => watch.current.isOpen && commander.stop(), REPEAT_MS);
    return () => clearInterval(timer);
  }, [commander]);

  const chair = store.get("chair/state");
  return {
    chair,
    view: watch.current.look({
      chair,
      chairAt: store.arrivedAt("chair/state"),
      latched: store.get("stop/state")?.latched ?? false,
      stopAt: store.arrivedAt("stop/state"),
      now: store.now(),
    }),
    press: () => {
      commander.stop();
      watch.current.press(store.now());
    },
  };
}

/** The properties of a button that acts when it is touched, not when it is let go. */
export function onTouch(act) {
  return {
    onPointerDown: (event) => event.button === 0 && act(),
    onKeyDown: (event) => {
      if (event.repeat || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      act();
    },
    // A reader's double tap comes as a click alone.
    onClick: (event) => event.detail === 0 && act(),
  };
}

export function StopColumn() {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { view, chair, press } = useStop();
  const calm = view === "ready";
  const said = calm ? `stop.chair.${isAtRest(chair) ? "rest" : "moves"}` : `stop.${view}`;
  return html`<aside class="stop" data-view=${view} aria-label=${text("stop.region")}>
    <button type="button" class="stop-button" ...${onTouch(press)}>
      <span class="stop-sign" aria-hidden="true"></span>
      <span class="stop-word">${text("stop.word")}</span>
    </button>
    <p class="stop-said" aria-live=${calm ? "off" : "assertive"}>
      ${!calm && html`<${Icon} name=${SIGNS[view]} />`}
      <span>${text(said)}</span>
    </p>
  </aside>`;
}
