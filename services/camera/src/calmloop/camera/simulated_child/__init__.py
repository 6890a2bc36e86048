"""A drawn child whose face shows a simulated mood: a regression tool.

It shows that the loop closes. It is never evidence that the chair helps anyone.
"""

from calmloop.camera.choices import MoodPin
from calmloop.camera.simulated_child.child import SimulatedChild
from calmloop.camera.simulated_child.mood import Mood

__all__ = ["Mood", "MoodPin", "SimulatedChild"]
