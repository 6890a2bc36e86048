"""Whose face is in view: the child's, as at the start, or another one, which is asked about.

It goes by the track ids of face-detector, which tell place and size and no looks. All that it can
do is forbid that anything rises: a detector without track ids changes nothing, and one that lies of
them, or floods, makes nothing rise.
"""

from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.scenario_selector.limits import MATCHED_WITHIN_S, SUSTAINED_S

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
        self._asked: str | None = None
        self._doubtful_until_s = float("-inf")
        self._denied: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether another face than the child's was seen, and the child's not since."""
        return self._other is not None

    def is_doubtful(self, now_s: float) -> bool:
        """Whether another face was seen within SUSTAINED_S."""
        return self.is_new or now_s < self._doubtful_until_s

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
        if self.is_new:
            self._doubtful_until_s = now_s + SUSTAINED_S
        lasting = now_s - self._other_since_s >= MATCHED_WITHIN_S
        if not self.question and self._other not in (None, self._denied) and lasting:
            self.question, self._asked = QUESTION, self._other

    @property
    def is_outdated(self) -> bool:
        """Whether yet another face has come since the question was asked."""
        return bool(self.question) and self._other != self._asked

    def answer(self, *, is_child: bool) -> None:
        """A caregiver says whose face was asked about; of one that has left it says nothing."""
        outdated, asked = self.is_outdated, self._asked
        if self.question and asked is not None:
            self.question = ""
            if not is_child:
                self._denied = asked
            elif not outdated:
                self._own.add(asked)
                self._other = None
