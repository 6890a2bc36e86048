"""Settings of the sound player."""

from pydantic import Field

from calmloop.base.backends import AUTO, Backends
from calmloop.base.settings import Section, ServiceSettings
from calmloop.sound_player.outputs.output import SoundOutputSection

OUTPUTS = Backends(SoundOutputSection, "calmloop.sound_player.outputs", key="output")
"""All that `output` may name: a file each."""


@OUTPUTS.joined
class SoundPlayerSection(Section):
    """The section `sound_player`, with a part for each kind of output."""

    output: str = Field(AUTO, description="Auto: a sound device, by PortAudio.")
    buffer_s: float = Field(
        0.1,
        ge=0.1,
        le=0.2,
        description="Sound ahead of the output: more stands more load, less stops sooner.",
    )


class Settings(ServiceSettings):
    """All settings of the service."""

    sound_player: SoundPlayerSection = SoundPlayerSection()
