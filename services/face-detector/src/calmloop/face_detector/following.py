"""Follows the child's face from picture to picture, and searches no more than it must.

Between full searches only the surroundings of the followed face are looked at. A face that was
not found in this very picture is never reported as seen.
"""

from dataclasses import dataclass

from calmloop.face_detector.detection import Detection, Detector
from calmloop.face_detector.geometry import Gray, Region, Square
from calmloop.face_detector.settings import FollowSection, SeatRegion

REACH = 0.8
"""A followed face is looked for within this many of its sides around its last centre: at 10
pictures a second, that is a head moving three times its own width a second."""
SHRINK, GROW = 0.8, 1.25
"""And at these multiples of its last side: two steps of 1.1 either way."""
SAME_PLACE = 0.5
"""Two sightings closer than this, in sides, are of one face ..."""
SAME_SIZE = 1.6
"""... if neither is larger than the other by more than this."""
CANDIDATE_HOLD = 1 / 3
"""A face that is not yet believed keeps its place for this part of the holding time."""


@dataclass
class Track:
    """One face over time, in pixels of the searched picture."""

    detection: Detection
    picture: int
    """Number of the picture in which it was last seen."""
    seen_s: float
    sure_s: float
    looks: int = 1

    @property
    def square(self) -> Square:
        """Where it was last seen."""
        return self.detection.square


@dataclass(frozen=True)
class Sight:
    """What is known after one picture.

    Attributes:
        count: Faces that are believed to be there.
        subject: The child's face as found in this very picture, or None.
        several: Another face of comparable size is in the seat region.
    """

    count: int
    subject: Detection | None
    several: bool


class Follower:
    """Remembers faces between pictures; the times it is given are its only clock."""

    def __init__(self, detector: Detector, section: FollowSection) -> None:
        self._detector = detector
        self._section = section
        self.reset()

    def reset(self) -> None:
        """Forgets everything seen so far."""
        self._tracks: list[Track] = []
        self._subject: Track | None = None
        self._picture = 0
        self._at_s = self._occupied_s = self._searched_s = self._tilted_s = float("-inf")
        self._searched_picture = 0

    def see(self, gray: Gray, at_s: float) -> Sight:
        """Looks at one picture.

        Args:
            gray: Shape (height, width), uint8; of the same shape as the last one.
            at_s: When it was taken, in seconds of any steady clock.
        """
        if at_s < self._at_s:
            self.reset()
        self._picture += 1
        self._at_s = at_s
        self._find(gray)
        self._forget()
        self._choose(gray)
        return self._sight(gray)

    def _find(self, gray: Gray) -> None:
        followed = self._subject
        if followed is None:
            if self._search_is_due():
                self._search(gray)
            return
        first, second = self._look_around, self._search
        if self._search_is_due():
            first, second = second, first
        first(gray)
        if not self._is_seen(followed):
            second(gray)

    def _search_is_due(self) -> bool:
        section, waited_s = self._section, self._at_s - self._searched_s
        if not all(self._is_believed(track) for track in self._tracks):
            return True
        if self._subject is None:
            idle = self._at_s - self._occupied_s > section.idle_after_s
            return waited_s >= (section.idle_search_every_s if idle else 0.0)
        several = len(self._tracks) > 1
        return waited_s >= (section.rival_search_every_s if several else section.search_every_s)

    def _search(self, gray: Gray) -> None:
        if self._searched_picture == 0:
            self._occupied_s = self._at_s
        self._searched_s, self._searched_picture = self._at_s, self._picture
        smallest_px = self._section.smallest_face * gray.shape[0]
        for roll_deg in self._rolls_to_search():
            for detection in self._detector.detect(gray, smallest_px, min(gray.shape), roll_deg):
                self._note(detection)

    def _rolls_to_search(self) -> tuple[float, ...]:
        """Upright, and as known faces are tilted; now and then every way while none is known."""
        upright, *tilted = self._detector.rolls_deg
        if not self._tracks and self._at_s - self._tilted_s >= self._section.search_every_s:
            self._tilted_s = self._at_s
            return (upright, *tilted)
        known = {track.detection.roll_deg for track in self._tracks}
        return (upright, *(roll_deg for roll_deg in tilted if roll_deg in known))

    def _note(self, detection: Detection) -> None:
        same = [track for track in self._tracks if _is_same(track.square, detection.square)]
        if same:
            nearest = min(same, key=lambda track: track.square.distance(detection.square))
            if not self._is_seen(nearest) or detection.score > nearest.detection.score:
                self._update(nearest, detection)
        elif detection.sure:
            self._tracks.append(Track(detection, self._picture, self._at_s, self._at_s))

    def _look_around(self, gray: Gray) -> None:
        track = self._subject
        if track is None:
            return
        region = Region.around(track.square, REACH, gray)
        part, side = region.cut(gray), track.square.side
        rolls_deg = self._detector.rolls_deg
        last_first = sorted(rolls_deg, key=lambda roll: abs(roll - track.detection.roll_deg))
        near: list[Detection] = []
        for roll_deg in last_first:
            found = self._detector.detect(part, SHRINK * side, GROW * side, roll_deg)
            moved = [detection.moved(region.left, region.top) for detection in found]
            near += [item for item in moved if track.square.distance(item.square) < SAME_PLACE]
            if any(item.sure for item in near):
                break
        if near:
            self._update(track, max(near, key=lambda item: item.score))

    def _update(self, track: Track, detection: Detection) -> None:
        if not self._is_seen(track):
            track.looks += 1
        track.detection, track.picture, track.seen_s = detection, self._picture, self._at_s
        if detection.sure:
            track.sure_s = self._at_s

    def _is_seen(self, track: Track) -> bool:
        return track.picture == self._picture

    def _is_believed(self, track: Track) -> bool:
        proved = self._at_s - track.sure_s <= self._section.prove_every_s
        return proved and track.looks >= self._section.confirm_looks

    def _forget(self) -> None:
        if self._searched_picture == self._picture:
            self._tracks = [track for track in self._tracks if self._keeps_its_place(track)]
        if self._subject not in self._tracks:
            self._subject = None
        if self._tracks:
            self._occupied_s = self._at_s

    def _keeps_its_place(self, track: Track) -> bool:
        patience = 1.0 if self._is_believed(track) else CANDIDATE_HOLD
        unseen_s = self._at_s - track.seen_s
        return self._is_seen(track) or unseen_s <= patience * self._section.hold_s

    def _choose(self, gray: Gray) -> None:
        seated = self._seated(gray)
        largest = max(seated, key=lambda track: track.square.side, default=None)
        least_px = self._section.comparable * largest.square.side if largest else 0.0
        subject = self._subject
        if subject is None or subject not in seated or subject.square.side < least_px:
            self._subject = largest

    def _seated(self, gray: Gray) -> list[Track]:
        seat = self._section.seat
        return [
            track
            for track in self._tracks
            if self._is_believed(track) and _is_within(seat, track.square, gray)
        ]

    def _sight(self, gray: Gray) -> Sight:
        count = sum(self._is_believed(track) for track in self._tracks)
        subject = self._subject
        if subject is None:
            return Sight(count, None, several=False)
        comparable_px = self._section.comparable * subject.square.side
        several = any(
            track is not subject and track.square.side >= comparable_px
            for track in self._seated(gray)
        )
        return Sight(count, subject.detection if self._is_seen(subject) else None, several)


def _is_same(one: Square, other: Square) -> bool:
    larger, smaller = max(one.side, other.side), min(one.side, other.side)
    return one.distance(other) < SAME_PLACE and larger <= SAME_SIZE * smaller


def _is_within(seat: SeatRegion, square: Square, gray: Gray) -> bool:
    height, width = gray.shape
    across: float = square.x / width
    down: float = square.y / height
    return seat.left <= across <= seat.right and seat.top <= down <= seat.bottom
