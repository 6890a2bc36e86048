"""How the simulated child moves: its head sways and tilts, its eyes wander and blink."""

from dataclasses import dataclass

import numpy as np

BLINK_S = 0.16
BLINK_EVERY_S = (2.5, 6.0)
SWAY_PERIODS_S = (3.1, 5.3, 8.9)
"""No two share a beat, so that the movement does not repeat soon."""


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
        )

    def _sway(self, now_s: float) -> list[float]:
        turns = 2 * np.pi * now_s / np.array(SWAY_PERIODS_S)
        return [float(value) for value in np.sin(self._phases + turns).mean(axis=1)]

    def _eyelids(self, now_s: float) -> float:
        if self._blink_s is None or now_s > self._blink_s + BLINK_S:
            self._blink_s = now_s + float(self._rng.uniform(*BLINK_EVERY_S))
        into = (now_s - self._blink_s) / BLINK_S
        return abs(2.0 * into - 1.0) if 0.0 <= into <= 1.0 else 1.0
