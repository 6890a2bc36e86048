"""Sound tracks: a folder with `<name>.flac` and its sidecar `<name>.json` for each.

The sidecar says what a player or an engine must know without decoding the sound. It is read
without any sound library; `calmloop.base.track_audio` decodes, and compares the two.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from calmloop.base.errors import InputError
from calmloop.base.strict_yaml import FilePart
from calmloop.contract.messages.base import Proportion
from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ

RATE_HZ: Literal[48_000] = 48_000
ENVELOPE_HZ = 20
FRAMES_PER_VALUE = RATE_HZ // ENVELOPE_HZ
TARGET_LUFS = -23.0
"""Programme loudness of EBU R 128: with it, the amplifier's level is the only volume."""
LOUDNESS_TOLERANCE_LU = 0.5
MAX_TRUE_PEAK_DBTP = -3.0
"""What the player's limiter holds too: a track that keeps it is never changed by the limiter."""
MAX_ONSET_DB = 20.0
"""In 100 ms, relative to the track's loudness: what rises faster startles."""
MAX_MINUTES = 30
SIDECAR_VERSION: Literal[1] = 1
MAX_SIDECAR_BYTES = 2_000_000
AUDIO_SUFFIX, SIDECAR_SUFFIX = ".flac", ".json"

TRACK_NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
TrackName = Annotated[str, Field(pattern=TRACK_NAME_PATTERN)]
ToneHz = Annotated[float, Field(ge=MIN_VIBRATION_HZ, le=MAX_VIBRATION_HZ)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


class TrackError(InputError):
    """A track cannot be used; the text names file, value, bound and the next step."""


def default_tracks_dir() -> Path:
    """Where tracks are unless the setting `tracks_dir` says otherwise."""
    return Path.home() / ".local" / "share" / "calmloop" / "tracks"


class TrackSidecar(FilePart):
    """What is known of a track."""

    version: Literal[1] = SIDECAR_VERSION
    name: TrackName
    title: Text
    licence: Text = Field(description="Under which it may be played, as an SPDX name or in words.")
    source: Text = Field(description="The generator with its seed, or the file it was made of.")
    sample_rate_hz: Literal[48_000] = RATE_HZ
    channels: Literal[1, 2] = 2
    frames: int = Field(ge=RATE_HZ, le=MAX_MINUTES * 60 * RATE_HZ)
    loop: bool = Field(description="The last frame goes over into the first.")
    loudness_lufs: float = Field(
        ge=-70.0,
        le=TARGET_LUFS + LOUDNESS_TOLERANCE_LU,
        description="Integrated, by ITU-R BS.1770-4; below the target where peaks forbid more.",
    )
    true_peak_dbtp: float = Field(ge=-60.0, le=MAX_TRUE_PEAK_DBTP)
    onset_db: float = Field(
        ge=0.0, le=120.0, description="The largest rise in 100 ms, relative to its loudness."
    )
    forced: bool = Field(
        False, description="A person took it in although its onset is above the bound."
    )
    sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="Of the samples as int16, little-endian, interleaved"
    )
    envelope: tuple[Proportion, ...] = Field(
        description="Of the low band, a value each 50 ms; 1 is about the track's largest."
    )
    tone_hz: tuple[ToneHz, ...] | None = Field(
        None,
        description="Of the low band, in an octave that vibration plays, a value each 50 ms; empty"
        " where it has no clear tone, none where it was not looked for.",
    )

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / RATE_HZ

    def envelope_at(self, position_s: float) -> float:
        """The low band at a position, between the values around it, 0..1.

        Args:
            position_s: From the beginning of the track. A loop goes round, before its beginning
                as after its end; any other track is silent there.
        """
        return self._at(self.envelope, position_s) or 0.0

    def tone_at(self, position_s: float) -> float | None:
        """The tone of the low band at a position, in Hz; None where there is none.

        Args:
            position_s: As of `envelope_at`.
        """
        return self._at(self.tone_hz or (), position_s)

    def _at(self, values: tuple[float, ...], position_s: float) -> float | None:
        if not values or not (self.loop or 0.0 <= position_s < self.duration_s):
            return None
        place = (position_s % self.duration_s) * ENVELOPE_HZ
        count = len(values)
        first = min(int(place), count - 1)
        second = (first + 1) % count if self.loop else min(first + 1, count - 1)
        share = place - first
        return values[first] * (1.0 - share) + values[second] * share

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        wanted = -(-self.frames // FRAMES_PER_VALUE)
        if len(self.envelope) != wanted:
            raise ValueError(
                f"envelope has {len(self.envelope)} values, and {self.frames} frames need {wanted}"
            )
        if self.tone_hz and len(self.tone_hz) != wanted:
            raise ValueError(
                f"tone_hz has {len(self.tone_hz)} values, and {self.frames} frames need {wanted}"
            )
        if self.onset_db > MAX_ONSET_DB and not self.forced:
            raise ValueError(
                f"onset_db is {self.onset_db:g}, above {MAX_ONSET_DB:g}, and nobody forced it"
            )
        return self


class TrackLibrary:
    """The tracks of a folder. Nothing is kept: what a person puts there is seen at once.

    Attributes:
        folder: Where they stand, and where new ones are written.
        shipped: A second folder, of soundscapes that were rendered for this device; a track of
            the first one goes before its track of the same name.
    """

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self.folder = folder
        self.shipped = shipped

    def names(self) -> list[str]:
        """Names of the tracks that have a sidecar, sorted; none where the folder is missing.

        Raises:
            TrackError: the folder cannot be read, or is a file.
        """
        found = _names_in(self.folder, "tracks_dir")
        if self.shipped is not None:
            found |= _names_in(self.shipped, "soundscapes_dir")
        return sorted(found)

    def audio_path(self, name: str) -> Path:
        """Where the sound of a track stands, whether it is there or not.

        Raises:
            TrackError: the name is none that a track may have.
        """
        return self._home(name) / f"{name}{AUDIO_SUFFIX}"

    def sidecar_path(self, name: str) -> Path:
        """The same of its sidecar."""
        return self._home(name) / f"{name}{SIDECAR_SUFFIX}"

    def sidecar(self, name: str) -> TrackSidecar:
        """What is known of a track; its sound is not opened.

        Raises:
            TrackError: there is no such track, or the sidecar cannot be read, is wrong, or is
                another track's.
        """
        path = self.sidecar_path(name)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_SIDECAR_BYTES + 1)
        except FileNotFoundError:
            raise TrackError(self._missing(name)) from None
        except OSError as error:
            raise TrackError(
                f"{path}: cannot be read ({error.strerror}): check that it is a file and that"
                " this user may read it"
            ) from error
        return _parsed(data, path, name)

    def _home(self, name: str) -> Path:
        """The folder of a track; the first one where neither has it."""
        sidecar = f"{checked_name(name)}{SIDECAR_SUFFIX}"
        if self.shipped is None or (self.folder / sidecar).exists():
            return self.folder
        return self.shipped if (self.shipped / sidecar).exists() else self.folder

    def _missing(self, name: str) -> str:
        audio = self.audio_path(name)
        if audio.exists():
            return (
                f"{self.sidecar_path(name)}: is not there, though {audio.name} is: take the sound"
                " in with `calmloop sound import`, which writes both"
            )
        known = ", ".join(self.names()) or "none"
        return (
            f"{self.folder}: has no track '{name}' (it has {known}): check the name, or make the"
            " shipped ones with `calmloop sound render`"
        )


def _names_in(folder: Path, setting: str) -> set[str]:
    try:
        found = {path.stem for path in folder.iterdir() if path.suffix == SIDECAR_SUFFIX}
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise TrackError(
            f"{setting}: {folder} cannot be read ({error.strerror}): name a folder that this user"
            " may read"
        ) from error
    return {name for name in found if re.fullmatch(TRACK_NAME_PATTERN, name)}


def checked_name(name: str) -> str:
    """The name itself, if a track may have it.

    Raises:
        TrackError: it has characters that a track's name has not.
    """
    if not re.fullmatch(TRACK_NAME_PATTERN, name):
        raise TrackError(
            f"track {name[:80]!r}: a name has a-z, 0-9 and '-', at most 64, and begins with no '-'"
        )
    return name


def _parsed(data: bytes, path: Path, name: str) -> TrackSidecar:
    if len(data) > MAX_SIDECAR_BYTES:
        raise TrackError(
            f"{path}: is larger than {MAX_SIDECAR_BYTES} bytes: this is no sidecar; import anew"
        )
    try:
        sidecar = TrackSidecar.model_validate_json(data)
    except ValidationError as error:
        faults = "; ".join(_told(fault["loc"], fault["msg"]) for fault in error.errors()[:5])
        raise TrackError(f"{path}: {faults}: import or render the track anew") from None
    if sidecar.name != name:
        raise TrackError(
            f"{path}: name is '{sidecar.name}', and the file's is '{name}': give both files the"
            " name that stands there"
        )
    return sidecar


def _told(keys: tuple[int | str, ...], message: str) -> str:
    place = ".".join(str(key)[:40] for key in keys)
    return f"{place}: {message}" if place else message
