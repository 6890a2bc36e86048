/** The session in words. Pure: states and a language's speaker in, sentences out. */

const QUESTIONS = [
  { kind: "face", match: /another face/i, answers: ["child", "other"] },
  { kind: "asleep", match: /asleep/i, answers: ["awake", "asleep"] },
  { kind: "upset", match: /upset/i, answers: ["usual", "upset"] },
];

/** Which of the engine's questions this is; one that is not known is shown as it comes. */
export function questionOf(text) {
  if (!text) return null;
  return QUESTIONS.find((question) => question.match.test(text)) ?? { kind: "", answers: [] };
}

const DOWN = new Set(["negative", "halted", "unknown_eased", "asleep", "ceiling", "closing", "paused", "stopped"]);
const UP = new Set(["positive_shift", "positive_sustained", "recovered", "started", "resumed"]);

/** Which way the last change went, for a sign beside it. */
export function directionOf(change) {
  if (DOWN.has(change)) return "down";
  return UP.has(change) ? "up" : "steady";
}

/** The signals that the engine names in a reason as "upset, by face and movement". */
export function signalsIn(reason, signals) {
  const named = /by ([\w ,-]+)/i.exec(reason)?.[1] ?? "";
  return signals.map((signal) => signal.name).filter((name) => new RegExp(`\\b${name}\\b`).test(named));
}

export function listOf(names, code) {
  return new Intl.ListFormat(code, { type: "conjunction" }).format(names);
}

/** Why the intensity last changed, as a sentence. */
export function whyOf(session, speaker) {
  const names = signalsIn(session.reason, session.signals ?? []).map((name) => nameOf(name, speaker));
  const why = speaker.text(`change.${session.change}`);
  if (!names.length) return why;
  return `${why} ${speaker.text("change.by", { signals: listOf(names, speaker.code) })}`;
}

export function nameOf(signal, speaker) {
  const key = `signal.${signal}`;
  return speaker.has(key) ? speaker.text(key) : signal;
}

/** What a present signal says: of distress, of calm, or nothing either way. */
export function sayingOf(signal) {
  if (signal.status !== "present") return signal.status;
  const odds = signal.log_odds_per_s;
  if (odds === null || odds === undefined || Math.abs(odds) < 0.02) return "nothing";
  return odds > 0 ? "distress" : "calm";
}

/** What the face reads as: only while it is read. */
export function faceOf(session) {
  if (session.mode === "manual") return "manual";
  return session.evidence?.label ?? "unknown";
}

/** What comes next, in the order of what comes first. */
export function nextOf(session, speaker, titleOf) {
  if (session.phase === "paused") return speaker.text("next.paused");
  if (session.phase === "closing") return speaker.text("next.closing");
  if (session.next) return speaker.text("next.scenario", { scenario: titleOf(session.next) });
  if (session.phase === "baseline") return speaker.text("next.baseline");
  if (session.phase === "starting") return speaker.text("next.starting");
  return speaker.text("next.end", { minutes: Math.max(0, Math.ceil(session.minutes_left - 1)) });
}
