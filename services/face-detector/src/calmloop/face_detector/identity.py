"""Whether the face is still the one that was followed: by its place and size, never by its looks.

A face that is followed keeps its number. One that was out of sight for up to ten seconds and is
found at the same place in the same size is taken for the same: somebody else who sat down there
meanwhile would be, too, and so the time out of sight is told.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from calmloop.contract.messages.face import SeatPresence
from calmloop.face_detector.geometry import Region, Square
from calmloop.face_detector.tracks import Sight

MATCH_WITHIN_S = 10.0
MATCH_PLACE = 0.75
"""Centres no further apart than this, in sides of the larger square, ..."""
MATCH_SIZE = 1.25
"""... and neither larger than the other by more than this: an adult's face is larger than a child's
by a fifth or more, and nearer or further when somebody else stands there."""
BREAK_S = 0.5
"""A face unseen for less was followed without a break."""
COURSE_S = 0.5
"""A face's way over so long tells where it was going."""
AHEAD_S = 1.0
MAX_REMEMBERED = 8
MAX_PLACES = 32


@dataclass(frozen=True)
class FaceIdentity:
    """Whose face this is, as far as can be told.

    Attributes:
        number: Of the face that is followed, or was until ten seconds ago.
        presence: Where it is.
        unseen_s: The longest that this face was out of sight before it was matched again.
    """

    number: int | None
    presence: SeatPresence
    unseen_s: float = 0.0


@dataclass
class _Face:
    number: int
    track: int
    seen_s: float
    unseen_s: float = 0.0
    places: deque[tuple[float, Square]] = field(default_factory=lambda: deque(maxlen=MAX_PLACES))

    @property
    def square(self) -> Square:
        return self.places[-1][1]

    def see(self, square: Square, at_s: float) -> None:
        gap_s = at_s - self.seen_s
        if gap_s > BREAK_S:
            self.unseen_s = max(self.unseen_s, gap_s)
            self.places.clear()
        self.seen_s = at_s
        self.places.append((at_s, square))

    def is_like(self, square: Square) -> bool:
        larger, smaller = max(self.square.side, square.side), min(self.square.side, square.side)
        return self.square.distance(square) <= MATCH_PLACE and larger <= MATCH_SIZE * smaller

    def was_leaving(self, seat: Region) -> bool:
        """Whether it would be out of the seat region by now, had it gone on as it went."""
        course = [place for place in self.places if self.seen_s - place[0] <= COURSE_S]
        (then_s, there), here = course[0], self.square
        passed_s = self.seen_s - then_s
        if passed_s <= 0.0:
            return False
        far = AHEAD_S / passed_s
        ahead = here.moved(far * (here.x - there.x), far * (here.y - there.y))
        return not _holds(seat, ahead)


class Identities:
    """Gives numbers to the faces that are followed, and remembers the last few for ten seconds."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)
        self._forget()

    def _forget(self) -> None:
        self._faces: deque[_Face] = deque(maxlen=MAX_REMEMBERED)
        self._at_s = self._replaced_s = -math.inf

    def see(self, sight: Sight, seat: Region, at_s: float) -> FaceIdentity:
        """Takes what one picture showed.

        Args:
            sight: With the subject's square in pixels of the searched picture.
            seat: The seat region in the same pixels.
            at_s: When the picture was taken, in seconds of any steady clock.
        """
        if at_s < self._at_s:
            self._forget()
        self._at_s = at_s
        while self._faces and at_s - self._faces[0].seen_s > MATCH_WITHIN_S:
            self._faces.popleft()
        if sight.followed is not None and sight.subject is not None:
            return self._here(sight.followed, sight.subject.square, sight)
        if not self._faces:
            return FaceIdentity(None, SeatPresence.ABSENT)
        return self._gone(self._faces[-1], sight, seat)

    def _here(self, track: int, square: Square, sight: Sight) -> FaceIdentity:
        last = self._faces[-1] if self._faces else None
        face = self._found(track, square, sight)
        face.track = track
        face.see(square, self._at_s)
        if last is not None and last is not face:
            self._replaced_s = self._at_s
        if face in self._faces:
            self._faces.remove(face)
        self._faces.append(face)
        new = self._at_s - self._replaced_s <= MATCH_WITHIN_S
        presence = SeatPresence.REPLACED if new else SeatPresence.HERE
        return FaceIdentity(face.number, presence, face.unseen_s)

    def _found(self, track: int, square: Square, sight: Sight) -> _Face:
        """The face of this track, else the last one that was there and is followed no more."""
        for face in self._faces:
            if face.track == track:
                return face
        for face in reversed(self._faces):
            if face.track not in sight.tracks and face.is_like(square):
                return face
        return _Face(next(self._numbers), track, self._at_s)

    def _gone(self, face: _Face, sight: Sight, seat: Region) -> FaceIdentity:
        elsewhere = sight.tracks.get(face.track)
        outside = elsewhere is not None and not _holds(seat, elsewhere)
        held = sight.followed == face.track
        left = outside or (not held and face.was_leaving(seat))
        presence = SeatPresence.LEFT if left else SeatPresence.LOST
        return FaceIdentity(face.number, presence, face.unseen_s)


def _holds(seat: Region, square: Square) -> bool:
    return seat.left <= square.x <= seat.right and seat.top <= square.y <= seat.bottom
