"""How the simulated child moves: head and body sway, it breathes, its eyes wander and blink."""

from dataclasses import dataclass

import numpy as np

BLINK_S = 0.16
BLINK_EVERY_S = (2.5, 6.0)
SWAY_PERIODS_S = (3.1, 5.3, 8.9)
"""No two share a beat, so that the movement does not repeat soon."""


BREATH_S, BREATH_DEPTH = 3.4, 0.02
"""Eighteen breaths a minute; the shoulders rise by this many half face widths either way."""
FIDGET_PERIODS_S = (0.7, 1.1, 1.9)
FIDGET_LEAST, FIDGET_REACH, STILL_AROUSAL = 0.02, 0.35, 0.3
"""The body always moves a little, and with all arousal above the last by up to so much more."""


@dataclass(frozen=True)
class Pose:
    """Where the head and the eyes are. Lengths in half face widths, right and down."""

    x: float
    y: float
    roll_deg: float
    scale: float
    gaze: tuple[float, float]
    eyelids: float
    """1 open, 0 closed."""
    body: tuple[float, float] = (0.0, 0.0)


class Motion:
    """Movement over time; larger with arousal. Same seed and times: same movement."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._phases = rng.uniform(0, 2 * np.pi, (6, len(SWAY_PERIODS_S)))
        self._blink_s: float | None = None

    def pose(self, now_s: float, arousal: float) -> Pose:
        """The pose at a time on the caller's clock; times must not go back."""
        x, y, roll, scale, gaze_x, gaze_y = self._sway(now_s)
        vigour = 0.4 + 0.6 * arousal
        return Pose(
            x=0.30 * vigour * x,
            y=0.12 * vigour * y,
            roll_deg=6.0 * vigour * roll,
            scale=1.0 + 0.05 * scale,
            gaze=(0.18 * gaze_x, 0.08 * gaze_y),
            eyelids=self._eyelids(now_s),
            body=self._body(now_s, arousal),
        )

    def _body(self, now_s: float, arousal: float) -> tuple[float, float]:
        restless = FIDGET_LEAST + FIDGET_REACH * max(0.0, arousal - STILL_AROUSAL)
        turns = 2 * np.pi * now_s / np.array(FIDGET_PERIODS_S)
        aside, up = np.sin(self._phases[:2] + turns).mean(axis=1)
        breath = BREATH_DEPTH * np.sin(2 * np.pi * now_s / BREATH_S)
        return float(restless * aside), float(breath + restless * up / 2)

    def _sway(self, now_s: float) -> list[float]:
        turns = 2 * np.pi * now_s / np.array(SWAY_PERIODS_S)
        return [float(value) for value in np.sin(self._phases + turns).mean(axis=1)]

    def _eyelids(self, now_s: float) -> float:
        if self._blink_s is None or now_s > self._blink_s + BLINK_S:
            self._blink_s = now_s + float(self._rng.uniform(*BLINK_EVERY_S))
        into = (now_s - self._blink_s) / BLINK_S
        return abs(2.0 * into - 1.0) if 0.0 <= into <= 1.0 else 1.0
