"""Settings from `calmloop.yaml` and `CALMLOOP_*` variables; secrets from files.

A key that nobody knows is refused, in the file as in the environment: a typo must not pass.
"""

import json
import os
import socket
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from calmloop.base import strict_yaml
from calmloop.base.errors import ConfigurationError
from calmloop.base.shown_values import NOT_SHOWN, annotation_at, is_model, shown
from calmloop.base.strict_yaml import Document, FilePart
from calmloop.base.tracks import TrackLibrary, default_tracks_dir
from calmloop.base.use_context import UseContext
from calmloop.contract.topic import CHAIR_ID_PATTERN, INSTANCE_PATTERN, SERVICES

ENV_PREFIX = "CALMLOOP_"
ENV_DELIMITER = "__"
CONFIG_VARIABLE = "CALMLOOP_CONFIG"
DEFAULT_FILE = Path("calmloop.yaml")
COLLECTIONS = (list, tuple, dict)
SECTIONS = frozenset(account.replace("-", "_") for account in SERVICES)
"""One section a service; each service reads the common keys and its own section."""


class Section(FilePart):
    """Base of every section: unknown keys are refused."""


class MqttSettings(Section):
    """How to reach the broker."""

    host: str = Field(
        "127.0.0.1", min_length=1, pattern=r"^[^/@?#\s]*$", description="A name, no address."
    )
    port: int = Field(1883, ge=1, le=65535, description="The broker's; 8883 is usual with TLS.")
    username: str | None = Field(None, description="The broker account; none for one without.")
    password_file: Path | None = Field(None, description="File that holds the password only.")
    tls_ca_file: Path | None = Field(None, description="CA certificate; its presence turns on TLS.")

    def password(self) -> str | None:
        """The password from its file.

        Raises:
            ConfigurationError: the file cannot be read, is no text, or is empty.
        """
        if self.password_file is None:
            return None
        try:
            password = self.password_file.read_text(encoding="utf-8-sig").strip()
        except (OSError, ValueError) as error:
            # Some write the password itself here.
            path = self.password_file if self.password_file.is_absolute() else NOT_SHOWN
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ConfigurationError(
                f"mqtt.password_file: {path} cannot be read ({why}):"
                " check the path, that this user may read it, and that it is UTF-8"
            ) from None
        if not password:
            raise ConfigurationError(
                f"mqtt.password_file: {self.password_file} is empty: write the password into it"
            )
        return password


class LogFormat(StrEnum):
    """JSON in containers, readable in a terminal."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSettings(Section):
    """What is logged, and how."""

    level: LogLevel = Field(LogLevel.INFO, description="The least severe line that is written.")
    format: LogFormat = Field(
        LogFormat.AUTO, description="Auto: readable in a terminal, JSON elsewhere."
    )


class ServiceSettings(BaseSettings):
    """The keys that all services share; a service adds its own section."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    chair_id: str = Field(
        "chair-1",
        pattern=CHAIR_ID_PATTERN,
        description="One word of a-z, 0-9 and -; it stands in every topic.",
    )
    instance: str = Field(
        default_factory=socket.gethostname,
        pattern=INSTANCE_PATTERN,
        description="Tells replicas apart; the host's name unless set.",
    )
    use_context: UseContext = Field(
        UseContext.CLINIC,
        description="Where it is used; in school and at work no emotion is read from a face.",
    )
    mqtt: MqttSettings = MqttSettings()
    log: LogSettings = LogSettings()
    health_file: Path | None = Field(None, description="Touched by each completed loop turn.")
    tracks_dir: Path = Field(
        default_factory=default_tracks_dir, description="Sound tracks, each with its sidecar."
    )
    soundscapes_dir: Path | None = Field(
        None,
        description="Where the sound player renders the soundscapes that ship; unset: it does not.",
    )
    end_on_change: bool = Field(
        False,
        description="Ends when the settings' file changes, for a supervisor to start it anew.",
    )

    @property
    def tracks(self) -> TrackLibrary:
        """All tracks that there are."""
        return TrackLibrary(self.tracks_dir, self.soundscapes_dir)

    def check_files(self) -> None:
        """Reads the files that the settings name, as far as a check before the start can.

        Raises:
            ConfigurationError: one is wrong; the service would not start.
        """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which `load` passes as arguments."""
        return env_settings, init_settings


SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def load(settings_type: type[SettingsT], path: Path | None = None) -> SettingsT:
    """Reads the file and the environment.

    Args:
        settings_type: The service's settings model.
        path: The file; by default that of CALMLOOP_CONFIG, else `calmloop.yaml` if it is there.

    Raises:
        ConfigurationError: names file or variable, key, value and bound, one line for each fault.
    """
    path = path or configured_path()
    written = _read(path) if path else Document("defaults", {}, {})
    data = written.data
    fields = set(settings_type.model_fields)
    known = ", ".join(sorted(fields | SECTIONS))
    faults = [
        f"{written.locate((key,))}: unknown key: known are {known}"
        for key in data
        if key not in fields | SECTIONS
    ] + _wrong_variables(settings_type)
    if faults:
        raise ConfigurationError("\n".join(faults))
    try:
        return settings_type(**{key: value for key, value in data.items() if key in fields})
    except ValidationError as error:
        raise ConfigurationError(_explain(error, written, settings_type)) from None


def configured_path() -> Path | None:
    """The file of CALMLOOP_CONFIG, else `calmloop.yaml` if it is there."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read(path: Path) -> Document:
    try:
        return strict_yaml.read(path, may_be_empty=True)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}): check {CONFIG_VARIABLE}"
        ) from error


def _wrong_variables(settings_type: type[ServiceSettings]) -> list[str]:
    faults = []
    for name, value in sorted(os.environ.items()):
        if not name.startswith(ENV_PREFIX) or name == CONFIG_VARIABLE:
            continue
        keys = name.removeprefix(ENV_PREFIX).lower().split(ENV_DELIMITER)
        kind = _holds(settings_type, keys)
        if kind is _Holds.UNKNOWN:
            faults.append(
                f"environment: unknown variable {name}: check its spelling; `calmloop settings`"
                " prints them all"
            )
        elif kind is _Holds.SEVERAL and not _is_json(value):
            faults.append(
                f"environment: {name} = {shown(value, annotation_at(settings_type, keys))}:"
                " holds several values, so it takes JSON;"
                f" or set one key of a section as {name}{ENV_DELIMITER}KEY"
            )
    return faults


class _Holds(Enum):
    """What a variable holds."""

    ONE = auto()
    SEVERAL = auto()
    UNKNOWN = auto()


def _holds(settings_type: type[ServiceSettings], keys: list[str]) -> _Holds:
    if keys[0] in SECTIONS - set(settings_type.model_fields):
        return _Holds.ONE  # another service's
    model: Any = settings_type
    for key in keys:
        if not is_model(model) or key not in model.model_fields:
            return _Holds.UNKNOWN
        model = model.model_fields[key].annotation
    return _Holds.SEVERAL if is_model(model) or get_origin(model) in COLLECTIONS else _Holds.ONE


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _explain(
    error: ValidationError, written: Document, settings_type: type[ServiceSettings]
) -> str:
    lines = []
    for fault in error.errors():
        keys = [str(part) for part in fault["loc"]]
        variable = ENV_PREFIX + ENV_DELIMITER.join(keys).upper()
        named = variable in os.environ
        place = f"environment: {'.'.join(keys)}" if named else written.locate(fault["loc"])
        unknown = fault["type"] == "extra_forbidden"
        what = f"unknown key{_known_beside(settings_type, keys)}" if unknown else fault["msg"]
        lines.append(
            f"{place} = {shown(fault['input'], annotation_at(settings_type, keys))}: {what}"
        )
    return "\n".join(lines)


def _known_beside(model: Any, keys: list[str]) -> str:
    for key in keys[:-1]:
        if not is_model(model) or key not in model.model_fields:
            return ""
        model = model.model_fields[key].annotation
    return f": known are {', '.join(sorted(model.model_fields))}" if is_model(model) else ""
