/** What the stop says: it claims nothing that the chair has not reported. Pure: the clock is handed in. */

/** Without the chair's own word within this time, the red button is asked for. */
export const CONFIRM_WITHIN_MS = 500;
/** A press that is not confirmed is sent again this often. */
export const REPEAT_MS = 250;
/** The chair reports ten times a second: an older report is none. */
export const CHAIR_STALE_MS = 500;

const AT_REST = new Set(["safe", "fault", "estop", "boot"]);

/** Whether the chair itself says that nothing can be felt and nothing is armed. */
export function isAtRest(chair) {
  if (!chair || !AT_REST.has(chair.mode)) return false;
  return chair.applied.vibration_pct === 0 && chair.applied.sound_pct === 0;
}

/**
 * Follows one press from the finger to the chair's own word.
 *
 * A report that comes after the press may have been on its way before it, so it counts only if it came
 * in a later event than the news that the stop is latched: what is in a later event was said later.
 */
export class StopWatch {
  #pressedAt = null;
  #id = "";
  #confirmed = false;
  #toldAt = Infinity;
  #latchedAt = Infinity;

  /** The finger is down, at `now` ms; the press has a name of its own. */
  press(now, id) {
    this.#pressedAt = now;
    this.#id = id;
    this.#confirmed = false;
    this.#toldAt = Infinity;
  }

  /** The server says of a press that the chair has confirmed it, at `now` ms. */
  tell(id, now) {
    if (this.isOpen && id === this.#id) this.#toldAt = now;
  }

  /** Whether it has to be sent again: pressed, and nobody has said that the chair is at rest. */
  get isOpen() {
    return this.#pressedAt !== null && !this.#confirmed && this.#toldAt === Infinity;
  }

  /** What is sent again: the server has to know an old press from a new one. */
  repeat(now) {
    return { id: this.#id, ago_ms: now - this.#pressedAt };
  }

  /**
   * What to show. All times are in ms of one clock; what one event brings has one time.
   *
   * @param {object} seen
   * @param {object | undefined} seen.chair The newest `chair/state`.
   * @param {number} seen.chairAt When that came.
   * @param {boolean} seen.latched Whether the newest `stop/state` says that a stop is latched.
   * @param {number} seen.stopAt When that came.
   * @param {number} seen.now
   * @returns {"ready" | "silent" | "sent" | "stopped" | "told" | "unconfirmed"} told: by the server
   */
  look({ chair, chairAt, latched, stopAt, now }) {
    if (!latched) this.#latchedAt = Infinity;
    else if (this.#latchedAt === Infinity) this.#latchedAt = stopAt;
    const fresh = Boolean(chair) && now - chairAt <= CHAIR_STALE_MS;
    if (this.#pressedAt !== null && !this.#confirmed) {
      const told = this.#toldAt !== Infinity;
      const later = chairAt > this.#pressedAt && chairAt > this.#latchedAt;
      this.#confirmed = fresh && (later || told) && isAtRest(chair);
      if (this.#confirmed) return "stopped";
      if (!told) return now - this.#pressedAt < CONFIRM_WITHIN_MS ? "sent" : "unconfirmed";
      // A report that came by the slower way may be from before.
      if (!fresh || now - this.#toldAt <= CHAIR_STALE_MS) return "told";
      this.#pressedAt = null;
    }
    if (!fresh) return "silent";
    // Confirmed, and moving again: somebody has started it since.
    if (this.#confirmed && !isAtRest(chair)) this.#pressedAt = null;
    return this.#pressedAt === null ? "ready" : "stopped";
  }
}
