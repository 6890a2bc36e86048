/** The children of whom something is kept, by code: for who has logged in, where there is a log. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "./console.js";

export function useChildren() {
  const { session } = useConsole();
  const store = useTopics("me", "server");
  const [children, setChildren] = useState([]);
  const asks = Boolean(store.get("me")?.name && store.get("server")?.log);
  useEffect(() => {
    let over = false;
    if (asks) {
      session
        .get("/api/history/children")
        .then((answer) => !over && setChildren(answer.children))
        .catch(() => {});
    }
    return () => {
      over = true;
    };
  }, [asks]);
  return children;
}
