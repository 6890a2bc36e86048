"""The simulated child as a source: drawn when it is asked for."""

from typing import TYPE_CHECKING

from pydantic import Field

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.lazy import lazy_module
from calmloop.camera.arrays import Picture
from calmloop.camera.sources.source import SourceKind, SourceSettings
from calmloop.contract.messages.chair import Applied
from calmloop.simulated_child.choices import MoodPin

if TYPE_CHECKING:
    from calmloop.simulated_child import child
else:
    child = lazy_module("calmloop.simulated_child.child")

NAME = "sim"


class SimulatedSettings(SourceSettings):
    """What the simulated child gets."""

    sim_mood: MoodPin = Field(MoodPin.AUTO, description="Simulated child: holds one mood.")
    sim_seed: int = Field(1, ge=0, le=2**31 - 1, description="Simulated child: its chances.")


class SimulatedSource:
    """Hands the clock's time and the chair's outputs to the child, and its picture on."""

    origin = "simulated child"
    live = False
    play_s: float | None = None

    def __init__(self, settings: SimulatedSettings, clock: Clock) -> None:
        self.pace_fps: float | None = settings.fps
        self._clock = clock
        self._applied = Applied()
        self._child = child.SimulatedChild(
            seed=settings.sim_seed,
            mood=settings.sim_mood,
            width_px=settings.width_px,
            height_px=settings.height_px,
        )

    def feel(self, applied: Applied) -> None:
        """Tells what the chair does now; callable from another thread."""
        self._applied = applied

    def open(self) -> None:
        """Always there."""

    def grab(self) -> bool:
        """Lets the child live up to now."""
        self._child.live_until(monotonic_s(self._clock), self._applied)
        return True

    def picture(self) -> Picture | None:
        """Draws the child as it is."""
        return self._child.draw()

    def close(self) -> None:
        """Nothing to let go."""


KIND = SourceKind(lambda name: name == NAME, SimulatedSource, SimulatedSettings)
