"""Whose face is in view: the child's, as at the start, or another one, which is asked about.

It goes by the track ids of face-detector, which tell place and size and no looks. All that it can
do is forbid that anything rises: a detector without track ids changes nothing, and one that lies of
them, or floods, makes nothing rise.
"""

from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.scenario_selector.limits import MATCHED_WITHIN_S

QUESTION = "Another face is in view: is it the child's?"

IN_VIEW = frozenset({SeatPresence.HERE, SeatPresence.REPLACED, None})
"""Otherwise a track id is of a face that is not seen now."""


class Identity:
    """Knows the child's face by its track id: the first seen since somebody present began.

    Attributes:
        question: What a caregiver is asked; empty when nothing.
    """

    def __init__(self) -> None:
        self.question = ""
        self._own: set[str] = set()
        self._other: str | None = None
        self._other_since_s = 0.0
        self._denied: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether another face than the child's was seen, and the child's not since."""
        return self._other is not None

    def see(self, face: FaceState, now_s: float) -> None:
        """Takes the detector's verdict on one frame."""
        track = face.track_id
        if not track or face.presence not in IN_VIEW:
            return
        if not self._own:
            self._own.add(track)
        if track in self._own:
            self._other, self.question = None, ""
        elif track != self._other:
            if self._other in (None, self._denied):
                self._other_since_s = now_s
            self._other = track
        if self._other == self._denied:
            self.question = ""

    def turn(self, now_s: float) -> None:
        """Asks about a face that is still another one after the time in which one is matched."""
        lasting = now_s - self._other_since_s >= MATCHED_WITHIN_S
        if self._other not in (None, self._denied) and lasting:
            self.question = QUESTION

    def answer(self, *, is_child: bool) -> None:
        """A caregiver says whose face it is; what nobody asked is not heard."""
        if self.question and self._other is not None:
            self.question = ""
            if is_child:
                self._own.add(self._other)
                self._other = None
            else:
                self._denied = self._other
