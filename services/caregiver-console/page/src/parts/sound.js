/** A soft call at the caregiver: two tones of half a second, made here. */

const TONES_HZ = [523.25, 659.25];
const TONE_S = 0.5;
const GAIN = 0.15;

let context;

// A browser lets nothing sound before somebody has touched the page.
addEventListener("pointerdown", () => {
  context ??= new AudioContext();
  context.resume();
});

export function ring() {
  if (context?.state !== "running") return;
  TONES_HZ.forEach((frequency, index) => {
    const begin = context.currentTime + index * TONE_S;
    const level = context.createGain();
    level.gain.setValueAtTime(0, begin);
    level.gain.linearRampToValueAtTime(GAIN, begin + 0.05);
    level.gain.linearRampToValueAtTime(0, begin + TONE_S);
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(level).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + TONE_S);
  });
}
