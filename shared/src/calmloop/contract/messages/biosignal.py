"""What is measured on the child's body: the heart, and any other signal. Unknown has its reason."""

from enum import StrEnum

from pydantic import Field

from calmloop.contract.messages.base import Proportion, ServiceMessage, SignalKind

SIGNAL_PATTERN = r"^[a-z][a-z0-9-]{0,39}$"
"""Names of signals: they stand in a topic."""
MIN_RATE_BPM = 30.0
MAX_RATE_BPM = 240.0
"""What a heart at rest or in distress can do at any age, with room on both sides."""
MIN_BREATHS_PER_MIN = 6.0
MAX_BREATHS_PER_MIN = 30.0
"""Breaths that can be told from heartbeats (Schäfer and Kratky 2008: 0.1 to 0.5 Hz)."""


class Absence(StrEnum):
    """Why a signal is unknown now."""

    OPENING = "opening"
    LOST = "lost"
    ENDED = "ended"
    SILENT = "silent"
    NO_CONTACT = "no_contact"
    FROZEN = "frozen"
    TOO_MUCH = "too_much"
    CONTRADICTORY = "contradictory"
    DISTURBED = "disturbed"
    OUT_OF_RANGE = "out_of_range"


class _Measured(ServiceMessage):
    """What every signal of the body says of itself."""

    source_kind: SignalKind = Field(description="Live, recorded or simulated.")
    origin: str = Field("", max_length=200, description="The device or file.")
    age_s: float | None = Field(
        None, ge=0, description="Time since the source last measured it; none before the first."
    )
    reason: Absence | None = Field(None, description="Why it is unknown.")
    detail: str = Field("", max_length=300, description="The same in words, and what to do.")


class HeartState(_Measured):
    """The heart; once a second. A rate is there if and only if there is no reason."""

    rate_bpm: float | None = Field(
        None, ge=MIN_RATE_BPM, le=MAX_RATE_BPM, description="Beats a minute."
    )
    rmssd_ms: float | None = Field(
        None,
        ge=0,
        le=2000,
        description="Root mean square of successive differences of the last 60 s' intervals.",
    )
    breaths_per_min: float | None = Field(
        None,
        ge=MIN_BREATHS_PER_MIN,
        le=MAX_BREATHS_PER_MIN,
        description="As those intervals sway with the breath; none where no breath stands out.",
    )
    artefact_share: Proportion | None = Field(
        None, description="Share of those intervals that were left out."
    )
    covered_s: float = Field(0.0, ge=0, le=60, description="Of 60 s, what good intervals cover.")
    contact: bool | None = Field(None, description="On the skin; none where it cannot tell.")
    battery_pct: int | None = Field(None, ge=0, le=100, description="Of the device.")
    refused: int = Field(0, ge=0, description="Measurements refused since the start.")


class BiosignalState(_Measured):
    """Another signal, of the last second. A value is there if and only if there is no reason."""

    kind: str = Field(pattern=SIGNAL_PATTERN, description="Its name, as in the topic.")
    value: float | None = Field(None, description="Mean.")
    spread: float | None = Field(None, ge=0, description="Standard deviation about the mean.")
    unit: str = Field("", max_length=16, description="Of value and spread.")
    samples: int = Field(0, ge=0, description="How many measurements these are.")
    quality: Proportion | None = Field(
        None, description="Share of what came that was a number within its bounds."
    )
