/** A page is shown once what it asks for at first is there: parts that come late push away what a finger is on. */

import { useEffect, useState } from "preact/hooks";

const AT_MOST_MS = 3000;
/** An answer is drawn in one frame, and what is asked because of it goes out in the next. */
const QUIET_FRAMES = 3;

/** Whether the page of this address has settled; the third second shows it however it stands. */
export function useSettled(session, address) {
  const [shown, setShown] = useState(null);
  useEffect(() => {
    const began_ms = performance.now();
    let quiet = 0;
    let frame = requestAnimationFrame(look);
    function look() {
      quiet = session.isAsking() ? 0 : quiet + 1;
      if (quiet >= QUIET_FRAMES || performance.now() - began_ms > AT_MOST_MS) setShown(address);
      else frame = requestAnimationFrame(look);
    }
    return () => cancelAnimationFrame(frame);
  }, [session, address]);
  return shown === address;
}
