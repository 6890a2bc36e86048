"""Settings of the emotion classifier."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings
from calmloop.contract.messages.base import Proportion

SHIPPED_MODEL = Path(__file__).parent / "models" / "calm.tflite"


class Runtime(StrEnum):
    """Which interpreter runs the network."""

    AUTO = "auto"
    LITERT = "litert"
    TFLITE_RUNTIME = "tflite-runtime"


class EmotionClassifierSection(Section):
    """The section `emotion_classifier`."""

    model: Path = Field(SHIPPED_MODEL, description="A .tflite with its card, .json, beside it.")
    runtime: Runtime = Field(Runtime.AUTO, description="Auto takes LiteRT where it is installed.")
    least_confidence: Proportion | None = Field(
        None, description="Instead of the card's min_confidence."
    )
    least_confidence_positive: Proportion | None = Field(
        None, description="Instead of the card's min_confidence_positive."
    )
    share_group: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
        description="Replicas with the same group share the crops; empty: each gets all.",
    )
    share_group_file: Path | None = Field(None, description="File that holds the group's name.")

    def group(self) -> str:
        """The share group's name; empty for none.

        Raises:
            ConfigurationError: its file cannot be read.
        """
        if self.share_group_file is None:
            return self.share_group
        try:
            return self.share_group_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"emotion_classifier.share_group_file = '{self.share_group_file}': {error}: check"
                " the path and that this user may read it, or leave it out"
            ) from error


class Settings(ServiceSettings):
    """All settings of the service."""

    emotion_classifier: EmotionClassifierSection = EmotionClassifierSection()
