/** What the chair does and the signals say, as plain figures. Pure. */

export const CHANNELS = ["vibration", "sound", "light"];

/** What each channel does now, in percent; null where the chair does not say. */
export function levelsOf(chair) {
  if (!chair) return { vibration: null, sound: null, light: null };
  const { applied } = chair;
  return {
    vibration: applied.vibration_pct,
    sound: applied.sound_pct,
    light: Math.max(applied.light.red_pct, applied.light.green_pct, applied.light.blue_pct),
  };
}

/** What the signals say for distress each second, by name; what is not heard is null. */
export function voicesOf(session) {
  const present = (session?.signals ?? []).filter((signal) => signal.status === "present");
  return Object.fromEntries(present.map((signal) => [signal.name, signal.log_odds_per_s ?? null]));
}
