/** A course of sessions in figures. Pure: the log's summaries in, the newest first; the oldest first out. */

/** Columns for a plot: time in s, then what each reader says of a session, or null. */
export function columnsOf(sessions, readers) {
  const course = [...sessions].reverse();
  return [
    course.map((each) => each.began_ms / 1000),
    ...readers.map((read) => course.map((each) => read(each) ?? null)),
  ];
}

/** What a caregiver wants to know of all of them; null where nothing is known. */
export function summaryOf(sessions) {
  const rated = sessions.filter((each) => each.rating_before && each.rating_after);
  return {
    count: sessions.length,
    rated: rated.length,
    better: rated.filter((each) => each.rating_after > each.rating_before).length,
    worse: rated.filter((each) => each.rating_after < each.rating_before).length,
    minutes: meanOf(sessions.map((each) => each.minutes)),
    mean_pct: meanOf(sessions.map((each) => each.mean_pct)),
    known_share: meanOf(sessions.map((each) => each.known_share)),
    halted: sessions.filter((each) => each.end_change === "halted").length,
    stops: sessions.filter((each) => each.stops > 0).length,
  };
}

/** How high a plot of counts has to be. */
export const mostOf = (sessions, readers) =>
  Math.max(...sessions.flatMap((each) => readers.map((read) => read(each) ?? 0)));

function meanOf(values) {
  const known = values.filter((value) => typeof value === "number");
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
