"""How the simulated child feels: a small model, made for testing the loop and for nothing else.

Valence v in -1..1 and arousal a in 0..1 each follow an Ornstein-Uhlenbeck process

    dv = (target(t) - v) / TAU dt + SIGMA dW

towards a target that the chair's outputs set. Each output x is worth r (2 - r) with r = x / liked:
0 when it is off, 1 at the level that this child likes, 0 again at twice that, and falling on
beyond. Nothing here was measured on a person; the shape only gives the loop something to do.
"""

from dataclasses import dataclass

import numpy as np

from calmloop.contract.messages.chair import Applied
from calmloop.simulated_child.choices import MoodPin

STEP_S = 0.05
"""The model moves in steps of this size, so that its course does not depend on the frame rate."""
LONGEST_GAP_S = 1.0
"""After a longer pause it goes on from where it was."""
VALENCE_TAU_S, VALENCE_SIGMA = 8.0, 0.06
AROUSAL_TAU_S, AROUSAL_SIGMA = 6.0, 0.04
TEMPERAMENT = -0.10
"""Valence without any stimulus: at rest, a little glum."""
REACH = 3.0
"""How far a chair that does everything right lifts the valence: less than right is enough."""
WORST = -1.5
"""No single output is felt worse than this."""
PINNED_SIGMA = 0.02


PINNED_VALENCE = {MoodPin.NEGATIVE: -0.9, MoodPin.NEUTRAL: 0.0, MoodPin.POSITIVE: 0.9}


@dataclass(frozen=True)
class Preference:
    """What one child likes."""

    vibration_pct: float
    sound_pct: float
    light_pct: float
    light_rgb: tuple[float, float, float]
    """Direction of the colour that it likes, of length 1."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Preference":
        """A child at random."""
        colour = rng.uniform(0.3, 1.0, 3)
        colour /= np.linalg.norm(colour)
        return cls(
            vibration_pct=float(rng.uniform(15.0, 30.0)),
            sound_pct=float(rng.uniform(15.0, 30.0)),
            light_pct=float(rng.uniform(10.0, 30.0)),
            light_rgb=(float(colour[0]), float(colour[1]), float(colour[2])),
        )


@dataclass(frozen=True)
class Mood:
    """A moment: valence -1 (distress) to 1 (joy), arousal 0 to 1."""

    valence: float
    arousal: float


class MoodModel:
    """The child's course over time. Same seed, times and outputs: same course."""

    def __init__(self, rng: np.random.Generator, pin: MoodPin = MoodPin.AUTO) -> None:
        self.preference = Preference.drawn(rng)
        self._rng = rng
        self._pin = pin
        self._valence = PINNED_VALENCE.get(pin, TEMPERAMENT)
        self._arousal = _arousal_target(self._valence)
        self._lived_s: float | None = None

    @property
    def mood(self) -> Mood:
        """The present moment."""
        return Mood(self._valence, self._arousal)

    def live_until(self, now_s: float, applied: Applied) -> Mood:
        """Goes on to a time on the caller's clock, under what the chair does now."""
        if self._lived_s is None or now_s - self._lived_s > LONGEST_GAP_S:
            self._lived_s = now_s
        while self._lived_s + STEP_S <= now_s:
            self._lived_s += STEP_S
            self._step(applied)
        return self.mood

    def target(self, applied: Applied) -> float:
        """The valence towards which the outputs draw this child."""
        return float(np.clip(TEMPERAMENT + REACH * self._comfort(applied), -1.0, 1.0))

    def _comfort(self, applied: Applied) -> float:
        liked = self.preference
        light = np.array([applied.light.red_pct, applied.light.green_pct, applied.light.blue_pct])
        brightness = float(np.linalg.norm(light)) / 3**0.5
        likeness = float(light @ liked.light_rgb) / max(float(np.linalg.norm(light)), 1e-6)
        return (
            0.5 * _worth(applied.vibration_pct, liked.vibration_pct)
            + 0.4 * _worth(applied.sound_pct, liked.sound_pct)
            + 0.1 * likeness * _worth(brightness, liked.light_pct)
        )

    def _step(self, applied: Applied) -> None:
        pinned = PINNED_VALENCE.get(self._pin)
        target = self.target(applied) if pinned is None else pinned
        sigma = VALENCE_SIGMA if pinned is None else PINNED_SIGMA
        self._valence = self._drift(self._valence, target, VALENCE_TAU_S, sigma, -1.0)
        self._arousal = self._drift(
            self._arousal, _arousal_target(self._valence), AROUSAL_TAU_S, AROUSAL_SIGMA, 0.0
        )

    def _drift(self, now: float, target: float, tau_s: float, sigma: float, low: float) -> float:
        chance = sigma * STEP_S**0.5 * float(self._rng.standard_normal())
        return float(np.clip(now + (target - now) * STEP_S / tau_s + chance, low, 1.0))


def _worth(level: float, liked: float) -> float:
    ratio = level / liked
    return max(WORST, ratio * (2.0 - ratio))


def _arousal_target(valence: float) -> float:
    """Distress and joy move a child, distress more."""
    return 0.2 + (0.7 if valence < 0 else 0.4) * abs(valence)
