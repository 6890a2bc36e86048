"""Settings of the voice listener."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from calmloop.base.backends import AUTO, Backends
from calmloop.base.settings import Section, ServiceSettings
from calmloop.contract.messages.base import Proportion
from calmloop.voice_listener.sources.microphone import MicrophoneSection
from calmloop.voice_listener.sources.source import SoundSourceSection

SOURCES = Backends(SoundSourceSection, "calmloop.voice_listener.sources", key="source")
"""All that `source` may name: a file each."""


def _names_a_file(path: Path | None) -> Path | None:
    if path is not None and (path.name in ("", "..") or path.is_dir()):
        raise ValueError("is a folder: name a file in it")
    return path


class NetworkSection(Section):
    """YAMNet, which hears crying; its file is not part of Calmloop."""

    model: Annotated[Path | None, AfterValidator(_names_a_file)] = Field(
        None, description="Path of yamnet_spectra_in.tflite; none: crying stays unknown."
    )
    threshold: Proportion = Field(
        0.45,
        description="Score from which it is crying; docs/guides/voice.md has its curve.",
    )


@SOURCES.joined
class VoiceListenerSection(Section):
    """The section `voice_listener`, with a part for each kind of source."""

    source: str = Field(AUTO, description="Auto: the microphone.")
    network: NetworkSection = NetworkSection()
    starts_enabled: bool = Field(
        False, description="On where nobody has touched the switch yet; no microphone may be."
    )
    switch_file: Annotated[Path | None, AfterValidator(_names_a_file)] = Field(
        None, description="Remembers the privacy switch; without it each start is switched off."
    )

    @model_validator(mode="after")
    def _a_microphone_is_switched_on_by_a_person(self) -> "VoiceListenerSection":
        if self.starts_enabled and self.source in (AUTO, MicrophoneSection.backend):
            raise ValueError(
                "starts_enabled is for recordings and the simulated child: a microphone is"
                ' switched on by a person, with {"enabled": true} on voice/set'
            )
        return self


class Settings(ServiceSettings):
    """All settings of the service."""

    voice_listener: VoiceListenerSection = VoiceListenerSection()
