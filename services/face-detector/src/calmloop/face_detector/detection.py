"""What a face detector is: the seam at which another one is put in its place."""

from dataclasses import dataclass, replace
from typing import Protocol

from calmloop.base.backends import Backend
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.geometry import Square

Landmarks = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Detection:
    """One face in one picture.

    Attributes:
        square: Framed as Viola-Jones does: from mid-forehead to just below the lip, the eyes
            a little above the middle. A backend with another framing converts to this one.
        score: 0 to 1, only comparable within a backend.
        sure: Good enough to begin to follow a face; the rest only helps to keep one.
        frontalness: 1 frontal to 0 profile, as far as the backend can tell.
        roll_deg: How far the head is tilted, clockwise as the picture shows it.
        landmarks: x and y of the eyes, the nose's tip and the corners of the mouth, what is on the
            picture's left first; None where the backend finds none.
    """

    square: Square
    score: float
    sure: bool
    frontalness: float
    roll_deg: float = 0.0
    landmarks: Landmarks | None = None

    def moved(self, dx: float, dy: float) -> "Detection":
        """The same face in a picture whose origin lies `dx` further left and `dy` higher."""
        points = self.landmarks and tuple((x + dx, y + dy) for x, y in self.landmarks)
        return replace(self, square=self.square.moved(dx, dy), landmarks=points)


class Detector(Protocol):
    """Finds faces in one picture and remembers nothing."""

    name: str
    rolls_deg: tuple[float, ...]
    """Tilts of the head that must be asked for one by one; the first is upright, 0."""
    is_divisible: bool
    """Whether a search for fewer sizes costs less."""

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """Finds the faces whose side is between the two bounds.

        Args:
            gray: Shape (height, width), uint8; it is not changed.
            min_px: Smallest side of interest in pixels of `gray`.
            max_px: Largest side of interest.
            roll_deg: One of `rolls_deg`: the tilt of the faces to look for.

        Returns:
            Faces in any order, in pixels of `gray`.
        """


class DetectorBackend(Backend):
    """Settings of one detector, base of those in the files of `backends/`."""

    def load(self) -> Detector:
        """The detector with these settings.

        Raises:
            ConfigurationError: what it needs is missing, or cannot be used.
        """
        raise NotImplementedError
