"""Squares, and where a square of one picture lies in another."""

import math
from dataclasses import dataclass

from calmloop.face_detector.arrays import Gray


@dataclass(frozen=True)
class Square:
    """A face's square in pixels: centre and side; origin at the picture's top left corner."""

    x: float
    y: float
    side: float

    @property
    def left(self) -> float:
        """Left edge."""
        return self.x - self.side / 2

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y - self.side / 2

    def moved(self, dx: float, dy: float) -> "Square":
        """The same square, `dx` further right and `dy` further down."""
        return Square(self.x + dx, self.y + dy, self.side)

    def scaled(self, factor: float) -> "Square":
        """The same square in a picture that is `factor` times as large."""
        return Square(self.x * factor, self.y * factor, self.side * factor)

    def grown(self, factor: float) -> "Square":
        """A square about the same centre whose side is `factor` times as long."""
        return Square(self.x, self.y, self.side * factor)

    def distance(self, other: "Square") -> float:
        """Distance of the centres, in sides of the larger square."""
        apart = math.hypot(self.x - other.x, self.y - other.y)
        return apart / max(self.side, other.side)

    def is_within(self, other: "Square", margin: float) -> bool:
        """Whether it lies in the other square, grown by `margin` of its sides each way."""
        room = (0.5 + margin) * other.side - self.side / 2
        return max(abs(self.x - other.x), abs(self.y - other.y)) <= room


@dataclass(frozen=True)
class Region:
    """A rectangle of whole pixels, lying within its picture."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, square: Square, reach: float, gray: Gray) -> "Region":
        """The part of `gray` within `reach` sides of the square's centre."""
        height, width = gray.shape
        half = reach * square.side
        return cls(
            max(0, int(square.x - half)),
            max(0, int(square.y - half)),
            max(0, min(width, int(square.x + half) + 1)),
            max(0, min(height, int(square.y + half) + 1)),
        )

    def cut(self, gray: Gray) -> Gray:
        """A view of that part of the picture."""
        return gray[self.top : self.bottom, self.left : self.right]
