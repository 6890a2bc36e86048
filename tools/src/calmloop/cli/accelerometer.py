"""An accelerometer on a serial line: it writes a line for each reading, m/s² rms as a number.

    0.1234

Two lines a second or more, each over the last half second or so; 115200 baud. Empty lines and lines
that begin with `#` mean nothing.
"""

import math
import termios
import time

import serial

from calmloop.base.errors import CalmloopError

BAUD = 115_200
PATIENCE_S = 5.0
LINE_MAX = 200


class AccelerometerError(CalmloopError):
    """It is not there, is silent, or writes something else."""


class Accelerometer:
    """The line of one accelerometer, open for this process alone."""

    def __init__(self, address: str) -> None:
        """Opens it.

        Raises:
            AccelerometerError: it cannot be opened; the text says why.
        """
        self._address = address
        try:
            self._port = serial.serial_for_url(address, BAUD, timeout=PATIENCE_S)
        except (OSError, ValueError) as error:
            raise AccelerometerError(
                f"accelerometer {address}: {error}: name the port it is on"
            ) from None

    def forget(self) -> None:
        """Drops what it wrote until now."""
        try:
            self._port.reset_input_buffer()
        except (OSError, termios.error) as error:
            raise self._gone(error) from None

    def read(self) -> float:
        """The next whole reading, in m/s2 rms.

        Raises:
            AccelerometerError: none came within 5 s, or it was no number.
        """
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            try:
                line = self._port.read_until(size=LINE_MAX)
            except OSError as error:
                raise self._gone(error) from None
            text = line.decode("ascii", errors="replace").strip()
            if line.endswith(b"\n") and text and not text.startswith("#"):
                return self._number(text)
        raise AccelerometerError(
            f"accelerometer {self._address}: no reading within {PATIENCE_S:g} s: is it on, and at "
            f"{BAUD} baud?"
        )

    def _number(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0:
            raise AccelerometerError(
                f"accelerometer {self._address}: {text!r} is no reading: it writes m/s² rms, one "
                "number such as 0.1234 a line"
            )
        return value

    def _gone(self, error: Exception) -> AccelerometerError:
        return AccelerometerError(f"accelerometer {self._address} is gone: {error}")
