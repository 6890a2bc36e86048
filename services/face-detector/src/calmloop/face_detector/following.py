"""Follows the child's face from picture to picture, and searches no more than it must.

Between full searches only the surroundings of known faces are looked at, and a search that takes
long goes on in the next pictures. A face that was not found in this very picture is never reported
as seen.
"""

from collections.abc import Iterator
from itertools import count

from calmloop.base.clock import Clock, ManualClock
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.detection import Detection, Detector
from calmloop.face_detector.geometry import Region, Square
from calmloop.face_detector.searching import Searcher
from calmloop.face_detector.settings import FollowSection, SeatRegion
from calmloop.face_detector.tracks import Sight, Track

REACH = 0.8
"""A followed face is looked for within this many of its sides around its last centre: at 10
pictures a second, that is a head moving three times its own width a second."""
SHRINK, GROW = 0.8, 1.25
"""And at these multiples of its last side: two steps of 1.1 either way."""
SAME_PLACE = 0.5
"""Two sightings closer than this, in sides, are of one face ..."""
SAME_SIZE = 1.6
"""... if neither is larger than the other by more than this."""
PART_MARGIN = 0.2
"""A pattern of a face may reach beyond its square by this part of the square's side."""
CANDIDATE_HOLD = 1 / 3
"""A face that is not yet believed keeps its place for this part of the holding time."""
TOO_OLD_S = 2.0
"""A face unseen for so long is forgotten, if only for want of pictures: who is found there then is
believed anew."""


class Follower:
    """Remembers faces between pictures; the times it is given tell their age."""

    def __init__(
        self, detector: Detector, section: FollowSection, clock: Clock | None = None
    ) -> None:
        """Takes the clock that bounds a picture's search; without one, each ends in its picture."""
        self._detector = detector
        self._section = section
        self._searcher = Searcher(detector, clock or ManualClock(), section.search_budget_ms / 1000)
        self._numbers: Iterator[int] = count(1)
        self.reset()

    def reset(self) -> None:
        """Forgets everything seen so far."""
        self._searcher.reset()
        self._tracks: list[Track] = []
        self._subject: Track | None = None
        self._picture = 0
        self._at_s = self._searched_s = self._tilted_s = float("-inf")
        self._occupied_s = float("inf")
        self._searched_through = self._tilts_planned = False

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
        self._occupied_s = min(self._occupied_s, at_s)
        self._searcher.start_picture()
        self._forget_old()
        self._look_for_known(gray)
        self._search(gray)
        self._forget_missed()
        self._choose(gray)
        return self._sight(gray)

    def _look_for_known(self, gray: Gray) -> None:
        """Looks for the subject, then for the faces unseen for longest while there is time."""
        known = sorted(self._tracks, key=lambda track: (track is not self._subject, track.seen_s))
        for track in known:
            if track is self._subject or self._searcher.has_time:
                self._look_around(track, gray)

    def _search(self, gray: Gray) -> None:
        if not self._searcher.is_busy and self._search_is_due():
            self._searched_s = self._at_s
            self._tilts_planned = not self._tracks and self._tilts_are_due()
            rolls_deg = self._detector.rolls_deg if self._tilts_planned else self._known_rolls()
            min_px = self._section.min_face * gray.shape[0]
            self._searcher.begin(rolls_deg, min_px, min(gray.shape))
        elif self._tracks:
            self._searcher.keep(self._known_rolls())
        if not self._searcher.is_busy:
            return
        for detection in self._searcher.run(gray):
            self._note(detection)
        if not self._searcher.is_busy:
            self._searched_through = True
            self._tilted_s = self._at_s if self._tilts_planned else self._tilted_s

    def _search_is_due(self) -> bool:
        section, waited_s = self._section, self._at_s - self._searched_s
        subject = self._subject
        if subject is None:
            idle = self._at_s - self._occupied_s > section.idle_after_s
            return waited_s >= (section.idle_search_every_s if idle else 0.0)
        if not self._is_seen(subject):
            return True
        several = len(self._tracks) > 1
        return waited_s >= (section.rival_search_every_s if several else section.search_every_s)

    def _tilts_are_due(self) -> bool:
        return self._at_s - self._tilted_s >= self._section.search_every_s

    def _known_rolls(self) -> tuple[float, ...]:
        """Upright, and as known faces are tilted."""
        upright, *tilted = self._detector.rolls_deg
        known = {track.detection.roll_deg for track in self._tracks}
        return (upright, *(roll_deg for roll_deg in tilted if roll_deg in known))

    def _note(self, detection: Detection) -> None:
        same = [track for track in self._tracks if _is_same(track.square, detection.square)]
        if same:
            nearest = min(same, key=lambda track: track.square.distance(detection.square))
            if not self._is_seen(nearest) or detection.score > nearest.detection.score:
                self._update(nearest, detection)
        elif detection.sure and not self._is_part_of_another(detection.square):
            number = next(self._numbers)
            self._tracks.append(
                Track(detection, self._picture, self._at_s, self._at_s, number=number)
            )

    def _is_part_of_another(self, square: Square) -> bool:
        """Whether it lies within a larger face seen in this picture: a pattern of that face.

        A detector leaves such patterns out of one search (OpenCV's groupRectangles); the steps of a
        search do not know of each other.
        """
        return any(
            self._is_seen(track) and square.is_within(track.square, PART_MARGIN)
            for track in self._tracks
            if track.square.side > square.side
        )

    def _look_around(self, track: Track, gray: Gray) -> None:
        track.looked_picture = self._picture
        region = Region.around(track.square, REACH, gray)
        part, side = region.cut(gray), track.square.side
        last_first = sorted(
            self._detector.rolls_deg, key=lambda roll: abs(roll - track.detection.roll_deg)
        )
        near: list[Detection] = []
        for roll_deg in last_first:
            found = self._detector.detect(part, SHRINK * side, GROW * side, roll_deg)
            moved = [detection.moved(region.left, region.top) for detection in found]
            near += [item for item in moved if self._is_near(track, item)]
            if any(item.sure for item in near):
                break
        if near:
            self._update(track, max(near, key=lambda item: item.score))

    def _is_near(self, track: Track, detection: Detection) -> bool:
        """Whether it lies where the face was, and is not another one that was seen already."""
        square = detection.square
        return track.square.distance(square) < SAME_PLACE and not any(
            other is not track and self._is_seen(other) and _is_same(other.square, square)
            for other in self._tracks
        )

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

    def _forget_old(self) -> None:
        limit_s = max(TOO_OLD_S, self._section.hold_s)
        self._retain([track for track in self._tracks if self._at_s - track.seen_s <= limit_s])

    def _forget_missed(self) -> None:
        self._retain([track for track in self._tracks if self._keeps_its_place(track)])
        if self._tracks:
            self._occupied_s = self._at_s

    def _retain(self, tracks: list[Track]) -> None:
        self._tracks = tracks
        if self._subject not in tracks:
            self._subject = None

    def _keeps_its_place(self, track: Track) -> bool:
        if not self._is_believed(track) and self._is_part_of_another(track.square):
            return False
        if self._is_seen(track) or track.looked_picture != self._picture:
            return True
        patience = 1.0 if self._is_believed(track) else CANDIDATE_HOLD
        return self._at_s - track.seen_s <= patience * self._section.hold_s

    def _choose(self, gray: Gray) -> None:
        seated = self._seated(gray)
        largest = max(seated, key=lambda track: track.square.side, default=None)
        min_px = self._section.comparable * largest.square.side if largest else 0.0
        subject = self._subject
        if subject is None or subject not in seated or subject.square.side < min_px:
            self._subject = largest

    def _seated(self, gray: Gray) -> list[Track]:
        seat = self._section.seat
        return [
            track
            for track in self._tracks
            if self._is_believed(track) and _is_within(seat, track.square, gray)
        ]

    def _sight(self, gray: Gray) -> Sight:
        believed = [track for track in self._tracks if self._is_believed(track)]
        searching = not self._searched_through or len(believed) < len(self._tracks)
        subject, seen = self._subject, self._seen_subject()
        if seen is not None:
            self._searched_through = False
        return Sight(
            len(believed),
            seen,
            self._has_rival(subject, gray),
            searching=searching and seen is None,
            others=tuple(track.square for track in believed if track is not subject),
            followed=None if subject is None else subject.number,
            tracks={track.number: track.square for track in believed},
        )

    def _seen_subject(self) -> Detection | None:
        subject = self._subject
        return subject.detection if subject is not None and self._is_seen(subject) else None

    def _has_rival(self, subject: Track | None, gray: Gray) -> bool:
        if subject is None:
            return False
        comparable_px = self._section.comparable * subject.square.side
        return any(
            track is not subject and track.square.side >= comparable_px
            for track in self._seated(gray)
        )


def _is_same(one: Square, other: Square) -> bool:
    larger, smaller = max(one.side, other.side), min(one.side, other.side)
    return one.distance(other) < SAME_PLACE and larger <= SAME_SIZE * smaller


def _is_within(seat: SeatRegion, square: Square, gray: Gray) -> bool:
    height, width = gray.shape
    across: float = square.x / width
    down: float = square.y / height
    return seat.left <= across <= seat.right and seat.top <= down <= seat.bottom
