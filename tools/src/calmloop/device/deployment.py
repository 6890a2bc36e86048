"""The folder of compose.yaml, and what `.env` beside it sets."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dotenv import dotenv_values

from calmloop.base.errors import InputError

COMPOSE_FILE = "compose.yaml"
ENV_FILE = ".env"
OWN = "COMPOSE_"
"""How the names begin that Compose itself reads."""
REAL_DEVICES = frozenset({"", "device"})
"""The profiles of a camera and a chair that are plugged in: the first is that of no choice."""
_USED = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Deployment:
    """What Compose would read.

    Attributes:
        folder: Of compose.yaml.
        values: By name: what the environment has, else `.env`, else the default of compose.yaml.
        named: The names that `.env` gives a value.
        known: The names that compose.yaml reads.
        profiles: Those chosen; the empty one where none is.
    """

    folder: Path
    values: Mapping[str, str]
    named: frozenset[str]
    known: frozenset[str]
    profiles: frozenset[str]

    @classmethod
    def read(
        cls,
        folder: Path,
        profiles: Sequence[str] = (),
        environment: Mapping[str, str] = os.environ,
    ) -> Self:
        """Reads compose.yaml and `.env`.

        Args:
            folder: Of both.
            profiles: As `--profile` of `docker compose`; else those that `COMPOSE_PROFILES` has.
            environment: What comes before `.env`.

        Raises:
            InputError: there is no compose.yaml, or one of the two is no text.
        """
        used, written = _read(folder)
        known = frozenset(name for name, _ in used)
        values = {name: default for name, default in used if default} | written
        values |= {
            name: value
            for name, value in environment.items()
            if value and (name in known or name.startswith(OWN))
        }
        chosen = profiles or [p.strip() for p in values.get("COMPOSE_PROFILES", "").split(",")]
        return cls(folder, values, frozenset(written), known, frozenset(chosen))

    def number(self, name: str) -> int | None:
        """A value as a number; None: it is none."""
        text = self.values.get(name, "")
        return int(text) if text.isdecimal() else None

    @property
    def project(self) -> str:
        """How Compose names what it makes: `calmloop_profiles`, and so on."""
        return self.values.get("COMPOSE_PROJECT_NAME", "calmloop")

    def has(self, *profiles: str) -> bool:
        """Whether one of them is chosen."""
        return not self.profiles.isdisjoint(profiles)

    @property
    def has_devices(self) -> bool:
        """Whether a camera and a chair are plugged in, and not simulated."""
        return self.has(*REAL_DEVICES)


def _read(folder: Path) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The names that compose.yaml reads, each with its default, and what `.env` has."""
    try:
        used = _USED.findall((folder / COMPOSE_FILE).read_text(encoding="utf-8"))
        env = dotenv_values(folder / ENV_FILE, encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            f"{folder / COMPOSE_FILE} is not there: name the deployment's folder by --compose"
        ) from None
    except UnicodeError:
        raise InputError(
            f"{folder}: {COMPOSE_FILE} or {ENV_FILE} is no text: save it as UTF-8"
        ) from None
    return used, {name: value for name, value in env.items() if value}
