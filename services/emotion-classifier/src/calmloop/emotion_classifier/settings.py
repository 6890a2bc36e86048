"""Settings of the emotion classifier."""

from pathlib import Path

from pydantic import Field, model_validator

from calmloop.base.backends import AUTO, Backends
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings
from calmloop.contract.messages.base import Proportion
from calmloop.emotion_classifier.interpreter import RuntimeBackend

RUNTIMES = Backends(RuntimeBackend, "calmloop.emotion_classifier.backends", key="runtime")
"""All that `runtime` may name: a file each."""
SHIPPED_MODEL = Path(__file__).parent / "models" / "calm.tflite"


@RUNTIMES.joined
class EmotionClassifierSection(Section):
    """The section `emotion_classifier`, with a part for each runtime that has settings."""

    model: Path = Field(SHIPPED_MODEL, description="A .tflite with its card, .json, beside it.")
    temporal: Path | None = Field(
        None,
        description="A .tflite of `papers temporal export`, its card beside it, that weighs each"
        " answer with the face's last seconds; none: each face by itself.",
    )
    runtime: str = Field(AUTO, description="Auto takes LiteRT where it is installed.")
    min_confidence: Proportion | None = Field(
        None, description="Instead of the card's min_confidence."
    )
    min_confidence_positive: Proportion | None = Field(
        None, description="Instead of the card's min_confidence_positive."
    )
    share_group: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
        description="Replicas with the same group share the crops; empty: each gets all.",
    )
    share_group_file: Path | None = Field(None, description="File that holds the group's name.")
    shadow: str = Field(
        "",
        pattern=r"^[a-z0-9-]{0,40}$",
        description="A name: it answers beside the classifier, to be compared; nothing obeys it.",
    )

    def group(self) -> str:
        """The share group's name; empty for none, and for a shadow, which gets every crop.

        Raises:
            ConfigurationError: its file cannot be read.
        """
        if self.shadow:
            return ""
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

    @model_validator(mode="after")
    def _shadow_has_an_instance_of_its_own(self) -> "Settings":
        # Two clients of one id throw each other off the broker, and the other one is obeyed.
        if self.emotion_classifier.shadow and "instance" not in self.model_fields_set:
            raise ValueError(
                "emotion_classifier.shadow needs an instance name of its own: set instance"
                " (CALMLOOP_INSTANCE), otherwise than the classifier's"
            )
        return self
