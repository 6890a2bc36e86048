/** The children that are known, by code: for who has logged in. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "./console.js";

const AGAIN_MS = 5000;

/** Codes of those who have a profile (`profiled`), and of all of whom something is kept. */
export function useChildren() {
  const { session } = useConsole();
  const store = useTopics("me", "server");
  const [profiled, setProfiled] = useState(null);
  const [kept, setKept] = useState([]);
  const [asked, setAsked] = useState(0);
  const name = store.get("me")?.name;
  const log = store.get("server")?.log;
  useEffect(() => {
    let over = false;
    const ask = (path, take) =>
      session
        .get(path)
        .then((answer) => !over && take(answer.children))
        .catch(() => !over && setTimeout(ask, AGAIN_MS, path, take));
    if (name) ask("/api/children", setProfiled);
    if (name && log) ask("/api/history/children", setKept);
    return () => {
      over = true;
    };
  }, [name, log, asked]);
  const codes = [...(profiled ?? []), ...kept.map((child) => child.code)];
  return {
    profiled,
    kept,
    all: [...new Set(codes)].sort(),
    /** Something of a child's record was changed. */
    reload: () => setAsked((before) => before + 1),
    /** A profile was written. */
    add: (code) => setProfiled((before) => [...new Set([...(before ?? []), code])]),
  };
}
