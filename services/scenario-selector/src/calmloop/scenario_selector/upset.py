"""What is known of a time in which the child seems upset, while it lasts."""

from dataclasses import dataclass

from calmloop.scenario_selector.intensity import Suspect


@dataclass
class Upset:
    """A time in which the child seems upset.

    Attributes:
        steps: Down, until now.
        suspect: What was felt at the first of them, unless the child was calm at it for long.
        whole: Whether one of them was a whole one, for a face that is unusual for the child.
        agreed: Whether more than one signal has spoken for it.
        by_face: Whether the face alone would have said so.
        calm_before_s: For how long the child had been calm.
    """

    steps: int = 0
    suspect: Suspect | None = None
    whole: bool = False
    agreed: bool = False
    by_face: bool = False
    calm_before_s: float = 0.0
