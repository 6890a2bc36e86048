"""Settings of the heart monitor: read without Bluetooth's or the serial port's packages."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from calmloop.base.backends import AUTO, Backends
from calmloop.base.settings import Section, ServiceSettings
from calmloop.contract.messages.biosignal import SIGNAL_PATTERN
from calmloop.heart_monitor.lines import MEANINGS
from calmloop.heart_monitor.sources.source import SourceSection

SOURCES = Backends(SourceSection, "calmloop.heart_monitor.sources", key="source")
"""All that `source` may name: a file each."""
MAX_SIGNALS = 16


def _names_no_heart(column: str) -> str:
    if column.lower() in MEANINGS:
        raise ValueError(f"the column '{column}' is of the heart, and no further signal's")
    return column


class SignalSection(Section):
    """A further signal of a serial or recorded source."""

    column: Annotated[str, AfterValidator(_names_no_heart)] = Field(
        min_length=1, max_length=64, description="Its column or name in the source."
    )
    unit: str = Field("", max_length=16, description="Of its values, as mV, µS or g.")
    min_value: float = Field(-1e9, ge=-1e9, le=1e9, description="Lower values are faults.")
    max_value: float = Field(1e9, ge=-1e9, le=1e9, description="Higher values are faults.")
    frozen_after_s: float = Field(
        60.0, ge=1.0, le=3600.0, description="A value that stays the same for so long is a fault."
    )


def _each_of_its_own_column(signals: dict[str, SignalSection]) -> dict[str, SignalSection]:
    columns = [signal.column.lower() for signal in signals.values()]
    if len(set(columns)) < len(columns):
        raise ValueError("two signals have the same column: give each one of its own")
    return signals


@SOURCES.joined
class HeartMonitorSection(Section):
    """The section `heart_monitor`, with a part for each kind of source."""

    source: str = Field(
        AUTO, description="Auto: serial where serial.port is set, else ble, a Bluetooth strap."
    )
    signals: dict[Annotated[str, StringConstraints(pattern=SIGNAL_PATTERN)], SignalSection] = Field(
        {},
        max_length=MAX_SIGNALS,
        description="Further signals: the name of each in its topic, and then its `column`,"
        " `unit`, `min_value`, `max_value` and `frozen_after_s`.",
    )
    silent_after_s: float = Field(
        5.0, ge=1.5, le=30.0, description="A measurement older than this says nothing any more."
    )
    frozen_after_s: float = Field(
        15.0,
        ge=5.0,
        le=120.0,
        description="Intervals that repeat for so long are no heart's; a rate alone four times as"
        " long.",
    )


class Settings(ServiceSettings):
    """The common keys and this service's section."""

    heart_monitor: HeartMonitorSection = HeartMonitorSection()
