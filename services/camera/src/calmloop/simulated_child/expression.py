"""What a face does, as a few numbers; and the three faces between which a mood moves.

The numbers follow the action units of the Facial Action Coding System (Ekman and Friesen 1978)
that belong to anger and crying, to rest, and to a smile. Lengths are in half face widths.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Expression:
    """One face. The origin lies between the eyes; y points down, x away from the middle."""

    brow_inner_y: float = -0.28
    """Height of the brows' inner ends; larger is lower (AU 4)."""
    brow_outer_y: float = -0.29
    brow_inner_x: float = 0.20
    """Smaller draws the brows together (AU 4)."""
    eye_open: float = 0.075
    """Half the height of the open eye (AU 5, 43)."""
    lid_slant: float = 0.0
    """How far the upper lid is pressed down at its inner end (AU 4)."""
    squint: float = 0.0
    """How far the lower lid is raised by the cheek (AU 6)."""
    mouth_y: float = 0.68
    mouth_width: float = 0.35
    """Half the width of the mouth."""
    corner_up: float = 0.0
    """How far the corners are above the middle (AU 12), or below it (AU 15)."""
    mouth_open: float = 0.0
    """Height of the gap between the lips (AU 25 to 27)."""
    square: float = 0.0
    """0: the gap narrows towards the corners; 1: it is as high there as in the middle (AU 20)."""
    lip: float = 0.085
    """Thickness of the lower lip."""
    teeth_top: float = 0.0
    """Share of the gap that shows upper teeth."""
    teeth_bottom: float = 0.0
    smile: float = 0.0
    """Weight of the smile's bulging cheeks and folds, 0 to 1."""
    frown: float = 0.0
    """Weight of the frown's folds, 0 to 1."""


NEUTRAL = Expression()
POSITIVE = Expression(
    brow_inner_y=-0.25,
    brow_outer_y=-0.26,
    eye_open=0.065,
    squint=0.08,
    mouth_y=0.68,
    mouth_width=0.58,
    corner_up=0.25,
    mouth_open=0.33,
    lip=0.072,
    teeth_top=0.60,
    smile=1.0,
)
"""A laugh: corners far up, teeth, cheeks that press the eyes (AU 6, 12, 25, 26)."""
NEGATIVE = Expression(
    brow_inner_y=-0.125,
    brow_outer_y=-0.36,
    brow_inner_x=0.11,
    eye_open=0.012,
    lid_slant=0.016,
    squint=0.066,
    mouth_y=0.645,
    mouth_width=0.38,
    corner_up=-0.18,
    mouth_open=0.30,
    square=0.95,
    lip=0.07,
    teeth_top=0.06,
    teeth_bottom=0.10,
    frown=1.0,
)
"""Hard crying: brows down and together, eyes pressed shut, the mouth open, square and down at its
corners (AU 4, 7, 15, 20, 25, 27)."""
FULL_FROM = 0.6
"""From this valence on, up or down, the face shows all that it can."""


def expression_of(valence: float) -> Expression:
    """The face of a mood from -1 (distress) over 0 (rest) to 1 (joy)."""
    pole = POSITIVE if valence > 0 else NEGATIVE
    share = min(1.0, abs(valence) / FULL_FROM)
    return Expression(
        **{
            field.name: (1 - share) * getattr(NEUTRAL, field.name)
            + share * getattr(pole, field.name)
            for field in fields(Expression)
        }
    )
