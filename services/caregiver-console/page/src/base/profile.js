/** One child's profile as scenario-selector keeps it, and what a person has changed of it here. */

import { useEffect, useState } from "preact/hooks";

import { useConsole, useTopics } from "./console.js";
import { changesOf } from "./suitability.js";

/** Of the demonstration: it may have no profile, and then nothing is kept of it. */
export const NOBODY = "default";
const EMPTY = { cleared_contraindications: [], sensory: {} };

/**
 * `kept`: what its file says; null where there is none, or while it is asked for.
 * `draft`: the same with what was changed here; `changed`: only that.
 */
export function useProfile(code, { profiled, add }) {
  const { session } = useConsole();
  const me = useTopics("me").get("me");
  const [kept, setKept] = useState(null);
  const [draft, setDraft] = useState(EMPTY);
  const [trouble, setTrouble] = useState("");
  const exists = (profiled ?? []).includes(code);
  const path = `/api/children/${encodeURIComponent(code)}`;
  const take = (profile) => {
    setKept(profile);
    setDraft(profile ?? EMPTY);
    setTrouble("");
  };
  useEffect(() => {
    let over = false;
    take(null);
    if (exists && me?.name) {
      session
        .get(path)
        .then((answer) => !over && take(answer.profile))
        .catch((error) => !over && setTrouble(error.message));
    }
    return () => {
      over = true;
    };
  }, [code, exists, me?.name]);

  const changed = changesOf(kept ?? EMPTY, draft);
  const write = async (values) => {
    try {
      const answer = await session.put(path, values);
      take(answer.profile);
      add(code);
      return answer.profile;
    } catch (error) {
      setTrouble(error.message);
      return null;
    }
  };
  return {
    code,
    kept,
    draft,
    changed,
    trouble,
    exists,
    /** Whether nothing of it is kept anywhere: for trying the chair out, with nobody's child. */
    isNobody: code === NOBODY && !exists,
    /** Whether it is not known yet what there is of this child. */
    isAsked: code !== NOBODY && (profiled === null || (exists && kept === null && !trouble)),
    /** Whether something stands here that is not kept. */
    isOpen: exists ? Object.keys(changed).length > 0 : code !== NOBODY,
    change: (values) => setDraft((before) => ({ ...before, ...values })),
    write,
    keep: () => write({ ...(exists ? {} : EMPTY), ...changed }),
  };
}
