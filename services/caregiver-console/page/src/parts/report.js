/** A session's report, or that of a child's course, as PDF: made by the console, one at a time. */

import { useEffect, useRef, useState } from "preact/hooks";

import { useConsole, useTopics } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";

const ADDRESS = "/api/history/reports";
const AGAIN_MS = 5000;
const BUSY = 409;
const HELD_MS = 60_000;

/** Whether reports can be made here (null while that is not known), and the way to have one made. */
export function useReports() {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const store = useTopics("server", "me");
  const [found, setFound] = useState(null);
  const [made, setMade] = useState({ name: "", words: "", trouble: "" });
  const under = useRef(true);
  const asks = store.get("server")?.log && store.get("me")?.name;
  useEffect(() => {
    let timer;
    under.current = true;
    const ask = () =>
      session
        .get(ADDRESS)
        .then((answer) => under.current && setFound(answer))
        .catch(() => under.current && (timer = setTimeout(ask, AGAIN_MS)));
    if (asks) ask();
    return () => {
      under.current = false;
      clearTimeout(timer);
    };
  }, [asks]);

  const make = async (name) => {
    setMade({ name, words: text("report.making"), trouble: "" });
    let told = { name: "", words: "", trouble: "" };
    try {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
      const file = await session.file(ADDRESS, { name, language: speaker.code, zone });
      save(file);
      told = { ...told, words: text("report.made", { file: file.name }) };
    } catch (error) {
      const words = text(error.status === BUSY ? "report.busy" : "report.failed");
      told = { ...told, words, trouble: error.status === BUSY ? "" : error.message || text("said.unreachable") };
    }
    if (under.current) setMade(told);
  };
  return { found, made, make };
}

/** Puts it among this device's downloads. */
function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), HELD_MS);
}

/** Where reports can be made; `about` says for a screen reader which session it is. */
export function ReportButton({ reports, name, words, about }) {
  const { speaker } = useConsole();
  const { found, made, make } = reports;
  if (!found?.available) return null;
  const shown = speaker.text(words);
  return html`<button
    type="button"
    class="button"
    data-report=${name}
    aria-label=${about ? `${shown}, ${about}` : shown}
    disabled=${Boolean(made.name)}
    onClick=${() => make(name)}
  >
    <${Icon} name="down" />${shown}
  </button>`;
}

/** The whole course's button, what became of the last report, or why there can be none. */
export function CourseReport({ reports, code }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const { found, made } = reports;
  return html`<div class="reports">
    <${ReportButton} reports=${reports} name=${code} words="report.course" />
    ${found?.available === false &&
    html`<p class="missing-line" data-report="missing">
      <${Icon} name="alert" />
      <span>${text("report.missing")} <code>make reports</code><small lang="en">${found.reason}</small></span>
    </p>`}
    <p class="soft" role="status">${made.words}</p>
    <p class="trouble" role="alert" lang="en">${made.trouble}</p>
  </div>`;
}
