"""A drawn child whose face shows a simulated mood: a regression tool.

It shows that the loop closes. It is never evidence that the chair helps anyone. Its names are
loaded when they are first used, since settings are read without OpenCV.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.simulated_child.child import SimulatedChild
    from calmloop.simulated_child.choices import MoodPin
    from calmloop.simulated_child.mood import Mood

__all__ = ["Mood", "MoodPin", "SimulatedChild"]

__getattr__ = lazy_names(
    __name__, {"child": ("SimulatedChild",), "choices": ("MoodPin",), "mood": ("Mood",)}
)
