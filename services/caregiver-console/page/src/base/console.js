/** What every part of the page shares: the states, the way to command, who is logged in, the language. */

import { createContext } from "preact";
import { useContext, useEffect, useReducer } from "preact/hooks";

export const Console = createContext(null);

export const useConsole = () => useContext(Console);

/** Draws anew whenever one of the topics changes; a topic that ends in `/` stands for all below it. */
export function useTopics(...topics) {
  const { store } = useConsole();
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(
    () =>
      store.listen((changed) => {
        const isMine = (name) =>
          topics.some((topic) => (topic.endsWith("/") ? name.startsWith(topic) : name === topic));
        if (changed.some(isMine)) redraw();
      }),
    [store, topics.join(" ")],
  );
  return store;
}

/** Draws anew at a steady pace, for what changes with time alone. */
export function useEvery(period_ms) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(redraw, period_ms);
    return () => clearInterval(timer);
  }, [period_ms]);
}

/** What a person knows from the bus: the phases in which something may be felt. */
export const isUnderWay = (session) => Boolean(session) && session.phase !== "idle";
