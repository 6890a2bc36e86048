/** Stop: on every page, the largest thing on it. */

import { useEffect, useRef } from "preact/hooks";

import { commandId } from "../base/commands.js";
import { useConsole, useEvery, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { REPEAT_MS, StopWatch, isAtRest } from "../base/stop.js";
import { Icon } from "./icons.js";

const LOOK_MS = 100;
const SIGNS = { sent: "clock", stopped: "check", told: "check", unconfirmed: "alert", silent: "alert" };

/** Sends on pointerdown, and again until the chair itself says, here or to the server, that it is at rest. */
export function useStop() {
  const { store, commander } = useConsole();
  const watch = useRef(new StopWatch());
  const timer = useRef();
  useTopics("chair/state", "stop/state");
  useEvery(LOOK_MS);
  useEffect(() => () => clearInterval(timer.current), []);
  const send = (press) => commander.stop(press, () => watch.current.tell(press.id, store.now()));
  const repeat = () => {
    if (watch.current.isOpen) send(watch.current.repeat(store.now()));
    else clearInterval(timer.current);
  };

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
      const id = commandId();
      send({ id });
      watch.current.press(store.now(), id);
      clearInterval(timer.current);
      timer.current = setInterval(repeat, REPEAT_MS);
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
