"""How fast the head moves: from where the followed face was a moment ago."""

import math
from collections import deque

from calmloop.face_detector.geometry import Square

APART_S = 0.2
"""Places over so long are compared: over one picture, the detector's jitter would be all."""
MAX_APART_S = 0.5
MAX_PLACES = 32
"""Half a second at 60 pictures a second."""


class HeadSpeed:
    """Holds the places of the last half second, and the speeds of the last second."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._places: deque[tuple[float, Square]] = deque(maxlen=MAX_PLACES)
        self._speeds: deque[tuple[float, float]] = deque(maxlen=4 * MAX_PLACES)

    def clear(self) -> None:
        """Forgets it all: another head, or another view."""
        self._places.clear()
        self._speeds.clear()

    def see(self, face: Square, at_s: float) -> None:
        """Takes where the face was found."""
        while self._places and at_s - self._places[0][0] > MAX_APART_S:
            self._places.popleft()
        if self._places:
            then_s, there = min(self._places, key=lambda place: abs(at_s - place[0] - APART_S))
            if at_s - then_s >= APART_S / 2:
                way = math.hypot(face.x - there.x, face.y - there.y)
                self._speeds.append((at_s, way / face.side / (at_s - then_s)))
        self._places.append((at_s, face))

    def mean(self, now_s: float) -> float | None:
        """Of the last second, in sides of the face a second; None where nothing was seen."""
        speeds = [speed for at_s, speed in self._speeds if now_s - at_s <= self._window_s]
        return sum(speeds) / len(speeds) if speeds else None
