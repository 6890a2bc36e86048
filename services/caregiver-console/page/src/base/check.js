/** Which buttons the chair has reported as pressed. Pure. */

/** Fields of the chair's `inputs`, in the order in which a person goes through them. */
export const BUTTONS = ["estop", "ack", "child_button", "child_less"];

/** What was seen before and what is pressed now; the acknowledge button counts only after the red one. */
export function seenWith(seen, inputs) {
  const pressed = (name) => Boolean(inputs?.[name]) && (name !== "ack" || seen.includes("estop"));
  return BUTTONS.filter((name) => seen.includes(name) || pressed(name));
}

/** When it was done, if that was today by this device's clock; else null. */
export function doneToday(doneAt, now) {
  const done = doneAt ? new Date(doneAt) : null;
  return done && done.toDateString() === now.toDateString() ? done : null;
}
