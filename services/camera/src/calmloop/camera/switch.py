"""The camera's privacy switch: on at first, and believed once it is known how it was left."""

from pathlib import Path

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.privacy_switch import PrivacySwitch

SETTLE_S = 0.5
"""Time for the broker to hand over the retained state, which tells how the switch was left."""


class CameraSwitch:
    """A switch that its file and the camera's own retained state remember.

    A file that says on may be older than a state that says off: that one is waited for, and however
    late it comes, it may only switch off.
    """

    def __init__(self, file: Path | None, clock: Clock) -> None:
        """Reads how it was left.

        Raises:
            DeviceError: the file cannot be read.
        """
        self._switch = PrivacySwitch(file, "camera.switch_file", clock, at_first=True)
        self._clock = clock
        self._commanded = False
        self._connected_s: float | None = None
        self._known = not self._switch.enabled
        self._left_on = True

    @property
    def enabled(self) -> bool:
        """How it stands, as far as it is known."""
        return self._switch.enabled and self._left_on

    @property
    def is_known(self) -> bool:
        """Whether the device may be opened, and the state told."""
        return self._known

    @property
    def unsaved(self) -> str:
        """Why it is not remembered; empty while it is."""
        return self._switch.unsaved

    def command(self, *, on: bool) -> None:
        """A person sets it."""
        self._known = self._commanded = self._left_on = True
        self._switch.turn(on=on)

    def hear_left(self, *, on: bool) -> None:
        """The retained state says how it was left."""
        if not self._commanded:
            self._known = True
            self._left_on = self._left_on and on

    def wait(self, *, connected: bool) -> None:
        """Lets time pass: without a retained state the file alone counts; saves what is unsaved."""
        self._switch.save_again()
        if self._known or not connected:
            return
        now_s = monotonic_s(self._clock)
        self._connected_s = self._connected_s or now_s
        self._known = now_s - self._connected_s >= SETTLE_S
