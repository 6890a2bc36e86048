"""What is followed, and what is known of it after a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calmloop.face_detector.detection import Detection
from calmloop.face_detector.geometry import Square


@dataclass
class Track:
    """One face over time, in pixels of the searched picture."""

    detection: Detection
    picture: int
    """Number of the picture in which it was last seen."""
    seen_s: float
    sure_s: float
    looks: int = 1
    number: int = 0
    """Its own: no other face that this follower has followed had it."""
    looked_picture: int = 0
    """Number of the picture in which its surroundings were last looked at."""

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
        searching: It is not known yet whether there is a face: the search goes on, or one that
            was found is not believed yet.
        others: Further faces that are believed to be there, where they were last seen.
    """

    count: int
    subject: Detection | None
    several: bool
    searching: bool = False
    others: tuple[Square, ...] = ()
    followed: int | None = None
    """Number of the subject's track, also while it keeps its place unseen."""
    tracks: Mapping[int, Square] = field(default_factory=dict)
    """Of all faces that are believed to be there, where they were last seen."""
