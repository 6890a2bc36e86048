"""The simulated child as a source: drawn when it is asked for."""

from calmloop.base.clock import Clock, monotonic_s
from calmloop.camera.picture import Picture
from calmloop.camera.settings import CameraSection
from calmloop.camera.simulated_child import SimulatedChild
from calmloop.contract.messages.chair import Applied


class SimulatedSource:
    """Hands the clock's time and the chair's outputs to the child, and its picture on."""

    origin = "simulated child"
    live = False
    play_s: float | None = None

    def __init__(self, settings: CameraSection, clock: Clock) -> None:
        self.pace_fps: float | None = settings.fps
        self._clock = clock
        self._applied = Applied()
        self._child = SimulatedChild(
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


NAME, SOURCE = "sim", SimulatedSource
