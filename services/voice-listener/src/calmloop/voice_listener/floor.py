"""What the room and the chair give of the sound, so that the child's voice is what is above it.

The floor is a low percentile of the last minute (minimum statistics: Martin 2001): a voice pauses
for breath, a room does not. The chair's own sound is learned while it plays: its power goes with
the square of the applied level, and the factor is a low percentile of what was measured, so that
too little is taken off rather than too much, and a cry is never taken for the chair's.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from calmloop.voice_listener.spectrum import FRAMES

PIECES = 5
"""Of a block: a tenth of a second each."""
WINDOW_S = 60
PERCENTILE = 5.0
MIN_PIECES = 30
"""Three seconds: before, nobody can say what the floor is."""
QUIET = 0.02
"""Below this share of full the chair counts as silent."""
PLAYING = 0.05
"""From this share on its sound is measured."""
MIN_LEARN_PIECES = 100
"""Ten seconds of it, at least."""
KEPT_RATIOS = 1200
CHAIR_PERCENTILE = 10.0
MIN_REST = 0.25
"""Of a piece's power at least this stays: a difference of two large numbers is no room."""
MIN_POWER = 1e-14


class Floor:
    """Learns the room and the chair from block to block; remembers powers, never sound."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=WINDOW_S * 10)
        self._levels: deque[float] = deque(maxlen=WINDOW_S * 10)
        self._ratios: deque[float] = deque(maxlen=KEPT_RATIOS)
        self._room: float | None = None

    @property
    def chair_factor(self) -> float:
        """Power that the chair gives at full level; 0 until it was measured."""
        if len(self._ratios) < MIN_LEARN_PIECES:
            return 0.0
        return float(np.percentile(self._ratios, CHAIR_PERCENTILE))

    def take(self, power: NDArray[np.float32], chair: float | None) -> None:
        """Takes the frames of a block.

        Args:
            power: Mean square in each of FRAMES frames.
            chair: What the chair's sound is at, 0 to 1; None where that is not known.
        """
        pieces = power.reshape(PIECES, FRAMES // PIECES).mean(axis=1).tolist()
        self._powers.extend(pieces)
        self._levels.extend([np.nan if chair is None else chair] * PIECES)
        if chair is not None:
            self._learn(pieces, chair)

    def power(self, chair: float | None) -> float | None:
        """Mean square of the floor while the chair is at that level; None in the first seconds."""
        if len(self._powers) < MIN_PIECES:
            return None
        factor = self.chair_factor
        powers, levels = np.asarray(self._powers), np.nan_to_num(np.asarray(self._levels))
        rest = np.maximum(powers - factor * levels**2, MIN_REST * powers)
        room = max(MIN_POWER, float(np.percentile(rest, PERCENTILE)))
        return room + factor * (chair or 0.0) ** 2

    def _learn(self, pieces: list[float], chair: float) -> None:
        if chair < QUIET:
            quiet = [
                p for p, level in zip(self._powers, self._levels, strict=True) if level < QUIET
            ]
            if len(quiet) >= MIN_PIECES:
                self._room = float(np.percentile(quiet, PERCENTILE))
        elif chair >= PLAYING and self._room is not None:
            room = self._room
            self._ratios.extend(max(0.0, piece - room) / chair**2 for piece in pieces)
