"""What face-detector says of the face in view: whose track it is, and whether its eyes are shut."""

from calmloop.contract.messages.face import FaceState, SeatPresence
from calmloop.simulate.engines import Observation
from calmloop.simulate.signals import Signal

OWN = "own"
"""The track of the child that the session began with."""
TOLD_FROM = 0.5
"""A reading from which another face is taken for another, and eyes for closed."""


class FaceTracks:
    """Follows the face of one session, as well as the signals for it tell.

    Each time that a face is taken for another one it gets a track of its own: what a caregiver
    said of one holds for no other.
    """

    def __init__(self) -> None:
        self._is_other = False
        self._others = 0
        self._eyes_closed: bool | None = None
        self._is_followed = False

    def state(self, seen: Observation, frame_seq: int, captured_ns: int) -> FaceState | None:
        """The message of this frame; None while no signal tells anything of the face.

        Args:
            seen: Of this time step.
            frame_seq: Its frame's number.
            captured_ns: When it was taken.
        """
        self._follow(seen)
        if not self._is_followed:
            return None
        in_view = SeatPresence.REPLACED if self._is_other else SeatPresence.HERE
        is_seen = seen.face.answer is not None
        return FaceState(
            frame_seq=frame_seq,
            captured_ns=captured_ns,
            count=int(is_seen),
            reason=seen.face.reason,
            track_id=f"other-{self._others}" if self._is_other else OWN,
            presence=in_view if is_seen else SeatPresence.LOST,
            eyes_closed=self._eyes_closed if is_seen else None,
        )

    def _follow(self, seen: Observation) -> None:
        identity = seen.signals.get(Signal.IDENTITY)
        if identity is not None and identity.present:
            was_other, self._is_other = self._is_other, identity.value >= TOLD_FROM
            self._others += self._is_other and not was_other
            self._is_followed = True
        eyes = seen.signals.get(Signal.EYES)
        if eyes is not None:
            self._eyes_closed = eyes.value >= TOLD_FROM if eyes.present else None
