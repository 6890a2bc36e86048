"""What a source of readings has to do, and the settings that every kind has."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from calmloop.base.backends import Backend
from calmloop.base.clock import Clock
from calmloop.contract.messages.base import SignalKind
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import Reading

READ_S = 0.25
"""The longest that `HeartSource.read` waits: the service ends no later than this."""


class HeartSource(Protocol):
    """A sensor, or what stands for one. Used by one thread at a time; may be opened again.

    Attributes:
        origin: What it is, for people.
        source_kind: Whether what it tells is of the child in the chair.
    """

    origin: str
    source_kind: SignalKind

    def open(self) -> None:
        """Opens the device.

        Raises:
            DeviceError: it cannot be opened; says why and what to do.
        """

    def read(self) -> Sequence[Reading] | None:
        """What has come, after waiting for it up to READ_S; None when there is no more.

        Raises:
            DeviceError: the device is lost.
        """

    def close(self) -> None:
        """Lets the device go; harmless when it is not open."""


@dataclass(frozen=True)
class SourceContext:
    """What a source is made with beside its settings.

    Attributes:
        clock: Stamps what it hands over.
        columns: What the names in lines mean.
        pause: Waits for so many seconds, or less when the service ends.
    """

    clock: Clock
    columns: Columns
    pause: Callable[[float], object] = threading.Event().wait


class SourceSection(Backend):
    """Settings of one kind of source, base of those in the files of this folder."""

    def load(self, context: SourceContext) -> HeartSource:
        """The source with these settings, not yet opened.

        Raises:
            ConfigurationError: what it needs is not set.
        """
        raise NotImplementedError
