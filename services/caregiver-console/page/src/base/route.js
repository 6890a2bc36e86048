/** Which page is shown: by the address behind `#`, so that the server has one page to give. */

import { useEffect, useState } from "preact/hooks";

import { parseRoute } from "./address.js";

export const go = (page, ...rest) => {
  location.hash = [page, ...rest.map(encodeURIComponent)].join("/");
};

export function useRoute() {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
