/** The children that there are, by code: only for who has logged in. */

import { useEffect, useState } from "preact/hooks";

import { useConsole } from "./console.js";

export function useChildren() {
  const { store, session } = useConsole();
  const [children, setChildren] = useState([]);
  const name = store.get("me")?.name;
  useEffect(() => {
    if (!name) return setChildren([]);
    let over = false;
    session
      .get("/api/children")
      .then((answer) => !over && setChildren(answer.children.map(asChild)))
      .catch(() => {});
    return () => (over = true);
  }, [name]);
  return children;
}

/** A code alone, or a code with its profile. */
const asChild = (child) => (typeof child === "string" ? { code: child } : { ...child.profile, ...child });
