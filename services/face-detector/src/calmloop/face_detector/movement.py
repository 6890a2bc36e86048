"""How much the child moves: the speed of the head, and motion energy in the region of the seat.

Motion energy is the share of the seat's contrast that changes within about 0.13 s, below the face,
as a mean over the last second. The camera's noise and what the chair's vibration adds are taken
off, and told. What cannot be told is unknown, with a reason; unknown is never still.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calmloop.contract.messages.movement import NoMovementReason
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.geometry import Region, Square
from calmloop.face_detector.head_speed import HeadSpeed
from calmloop.face_detector.picture_change import (
    COARSE_PX,
    PictureChange,
    coarse,
    compare,
    contrast,
)
from calmloop.face_detector.vibration import WINDOW_S, VibrationShare

if TYPE_CHECKING:
    from calmloop.face_detector.picture_change import Coarse

APART_S = 0.133
"""Pictures about so far apart are compared: two of 15 a second, four of 30."""
MIN_APART_S, MAX_APART_S = 0.05, 0.5
MAX_HELD = 16
KEPT_EVERY_S = 0.03
"""Coarse pictures kept: of half a second, and no more however fast they come."""
MAX_CHANGES = 64

SEAT_SIDES = 3.5
"""Width and height of the seat's region below the face, in sides of the face's square."""
MIN_REGION_PX = COARSE_PX // 6
"""Of the coarse picture: a seat of which less is in view is out of view."""
FACE_KEPT_S = 10.0
"""The region stays for so long without a face: hands before it, a head turned away."""

MIN_MEAN, MAX_MEAN = 12.0, 243.0
"""Mean gray levels of a picture in which something can be seen."""
MIN_CONTRAST = 4.0
"""Least standard deviation of the region's gray levels in which something can be seen to move."""
MAX_NOISE = 0.01
"""Of the contrast: no more noise is taken off."""
CLEAR_OF_NOISE = 4.0
"""With more noise than that, what is less than this many times the noise is unknown."""
JUMP_PAUSE_S = 1.0

STILL = 0.001
"""Motion energy of a seated person who hardly moves; the logarithm counts from it."""


@dataclass(frozen=True)
class MovementReading:
    """What was seen in the last second; shares are of the contrast of the seat's region, 0 to 1.

    Attributes:
        head_speed: In sides of the face a second; None without a face.
        energy: Share that changed, nothing taken off.
        noise: Of it, what is taken off as the camera's noise.
        vibration: What is taken off as the chair's vibration.
        reason: Why the energy is not known; it and its parts are None then.
    """

    head_speed: float | None = None
    energy: float | None = None
    noise: float = 0.0
    vibration: float = 0.0
    reason: NoMovementReason | None = None

    @property
    def log_energy(self) -> float | None:
        """Log10 of 1 + what is left, over a seat at rest: 0 still, about 1 lively, 3 all is new."""
        if self.energy is None:
            return None
        left = max(0.0, self.energy - self.noise - self.vibration)
        return math.log10(1.0 + left / STILL)


class Movement:
    """Compares picture after picture of one camera; the times that it is given tell their age."""

    def __init__(self) -> None:
        self._vibration = VibrationShare()
        self._head = HeadSpeed(WINDOW_S)
        self._held: deque[tuple[float, Coarse]] = deque(maxlen=MAX_HELD)
        self._changes: deque[tuple[float, PictureChange]] = deque(maxlen=MAX_CHANGES)
        self._shape: tuple[int, ...] = ()
        self._forget()

    def _forget(self) -> None:
        self._forget_pictures()
        self._region: Region | None = None
        self._at_s = self._face_s = self._jumped_s = -math.inf
        self._vibration_pct: float | None = None
        self._whose: int | None = None
        self._light: NoMovementReason | None = None

    def _forget_pictures(self) -> None:
        self._head.clear()
        self._held.clear()
        self._changes.clear()
        self._new_s = math.inf

    def see(
        self,
        gray: Gray,
        face: Square | None,
        at_s: float,
        vibration_pct: float | None,
        whose: int | None = None,
    ) -> None:
        """Takes one picture.

        Args:
            gray: The whole picture, uint8 (height, width).
            face: The child's, in pixels of `gray`; None where it was not found.
            at_s: When it was captured, on any steady clock.
            vibration_pct: What the chair applies, 0 to 100; None where that is not known.
            whose: Number of the face: another one has not moved there from where this one was.
        """
        if at_s < self._at_s or gray.shape != self._shape:
            self._forget()
        elif at_s - self._at_s > MAX_APART_S:
            self._forget_pictures()
        self._shape, self._at_s, self._vibration_pct = gray.shape, at_s, vibration_pct
        if whose != self._whose:
            self._whose = whose
            self._head.clear()
        picture = coarse(gray)
        self._light = _light(picture)
        self._follow(face, picture.shape[1] / gray.shape[1], COARSE_PX / gray.shape[0])
        self._compare(picture)
        if not self._held or at_s - self._held[-1][0] >= KEPT_EVERY_S:
            self._held.append((at_s, picture))

    def reading(self, now_s: float) -> MovementReading:
        """What the last second amounts to, on the clock of the pictures' times."""
        blind = self._why_blind(now_s)
        if blind is not None:
            return MovementReading(reason=blind)
        speed = self._head.mean(now_s)
        changes = [change for at_s, change in self._changes if now_s - at_s <= WINDOW_S]
        reason = self._why_unknown(now_s, changes)
        if reason is not None:
            return MovementReading(speed, reason=reason)
        energy, noise = _means(changes)
        added = min(energy, self._vibration.added(self._vibration_pct))
        return MovementReading(speed, energy, min(noise, MAX_NOISE, energy), added)

    def _why_blind(self, now_s: float) -> NoMovementReason | None:
        """Why neither the seat nor the head can be seen to move."""
        if now_s - self._at_s > MAX_APART_S:
            return NoMovementReason.NO_PICTURE
        if now_s - self._jumped_s <= JUMP_PAUSE_S:
            return NoMovementReason.JUMPED
        if self._light is not None:
            return self._light
        frozen = self._region is not None and now_s - self._new_s > WINDOW_S
        return NoMovementReason.FROZEN if frozen else None

    def _why_unknown(self, now_s: float, changes: list[PictureChange]) -> NoMovementReason | None:
        if self._region is None:
            seen = now_s - self._face_s <= FACE_KEPT_S
            return NoMovementReason.OUT_OF_VIEW if seen else NoMovementReason.NO_FACE
        if not changes:
            return NoMovementReason.STARTING
        energy, noise = _means(changes)
        flat = contrast(self._held[-1][1], self._region) < MIN_CONTRAST
        if flat or (noise > MAX_NOISE and energy < CLEAR_OF_NOISE * noise):
            return NoMovementReason.NO_CONTRAST
        return None

    def _follow(self, face: Square | None, across: float, down: float) -> None:
        """Places the region below the face; the two factors lead to the coarse picture."""
        if face is not None:
            self._face_s = self._at_s
            self._head.see(face, self._at_s)
            self._region = _seat_below(face, across, down, self._shape)
        elif self._at_s - self._face_s > FACE_KEPT_S:
            self._region = None

    def _compare(self, picture: "Coarse") -> None:
        if not self._held or self._region is None:
            self._new_s = self._at_s
            return
        then_s, before = min(self._held, key=lambda held: abs(self._at_s - held[0] - APART_S))
        if not MIN_APART_S <= self._at_s - then_s <= MAX_APART_S:
            return
        change = compare(picture, before, self._region)
        if change.jumped:
            self._forget_pictures()
            self._jumped_s = self._new_s = self._at_s
            if self._face_s < self._at_s:
                self._region, self._face_s = None, -math.inf
        elif not change.same:
            self._new_s = self._at_s
            self._changes.append((self._at_s, change))
            self._learn_vibration()

    def _learn_vibration(self) -> None:
        changes = [change for at_s, change in self._changes if self._at_s - at_s <= WINDOW_S]
        energy, noise = _means(changes)
        self._vibration.learn(self._vibration_pct, max(0.0, energy - noise), self._at_s)


def _means(changes: list[PictureChange]) -> tuple[float, float]:
    """Of the energy, and of the noise in it."""
    count = len(changes)
    return sum(c.energy for c in changes) / count, sum(c.noise for c in changes) / count


def _light(picture: "Coarse") -> NoMovementReason | None:
    mean = float(picture.mean())
    if mean < MIN_MEAN:
        return NoMovementReason.TOO_DARK
    return NoMovementReason.TOO_BRIGHT if mean > MAX_MEAN else None


def _seat_below(face: Square, across: float, down: float, shape: tuple[int, ...]) -> Region | None:
    """The region in pixels of the coarse picture; None if too little of it is in view."""
    height, width = shape[0] * down, shape[1] * across
    top = (face.y + face.side / 2) * down
    half, high = SEAT_SIDES / 2 * face.side * across, SEAT_SIDES * face.side * down
    region = Region(
        max(0, round(face.x * across - half)),
        max(0, round(top)),
        min(round(width), round(face.x * across + half)),
        min(round(height), round(top + high)),
    )
    wide, tall = region.right - region.left, region.bottom - region.top
    return region if min(wide, tall) >= MIN_REGION_PX else None
