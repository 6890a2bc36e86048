"""Reads `services/services.toml`, and refuses what cannot be meant."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

LIST = Path("services/services.toml")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PACKAGE = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
"""Debian's names have dots, too: libpango-1.0-0."""
PURPOSE = re.compile(r"[\w ,;:.()'-]{1,80}")
MIN_UID, MAX_UID = 10001, 59999
LISTS = ("packages", "locks")
OURS = "calmloop-"
"""What the names of this repository's distributions begin with."""


class ListError(Exception):
    """Something in the list, or in what is made from it, is wrong; the text says what to do."""


@dataclass(frozen=True)
class Service:
    """One entry of the list; the keys are explained at its top."""

    name: str
    purpose: str
    uid: int
    alone: bool = True
    real_time: bool = False
    writes: str = ""
    profile: str = ""
    packages: tuple[str, ...] = ()
    """Packages of Debian that its image needs."""
    locks: tuple[str, ...] = ()
    starts: str = ""
    """A stage of the Dockerfile: what it starts as a process, in an environment of its own."""
    libraries: tuple[str, ...] = ()
    """Folders of ours that it needs beside `shared`: its pyproject.toml says so."""
    has_pages: bool = False
    """Whether its folder `page` holds what Node builds into its image."""

    @property
    def module(self) -> str:
        """Its package below `calmloop`, and its section of the settings."""
        return self.name.replace("-", "_")

    @property
    def folder(self) -> str:
        """Where it lives."""
        return f"services/{self.name}"


@dataclass(frozen=True)
class Listing:
    """The whole list, in its own order."""

    services: tuple[Service, ...]
    people: tuple[str, ...]


def read(root: Path) -> Listing:
    """The list of the repository at `root`.

    Raises:
        ListError: names the entry, the key, the value and what would do.
    """
    try:
        written = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ListError(f"{LIST}: not valid TOML: {error}") from None
    for part in ("services", "people"):
        _check_tables(part, written.get(part))
    folders = _distributions(root)
    services = tuple(
        _service(root, name, entry, folders) for name, entry in written["services"].items()
    )
    people = tuple(written["people"])
    _check_once("uid", [(service.name, service.uid) for service in services])
    _check_once("name", [(name, name) for name in (*people, *(s.name for s in services))])
    return Listing(services, people)


def _check_tables(part: str, entries: object) -> None:
    if not isinstance(entries, dict):
        raise ListError(f"{LIST}: {part}: a table [{part}.NAME] for each is needed")
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise ListError(f"{LIST}: {part}.{name}: a table is needed: [{part}.{name}]")


def _service(root: Path, name: str, entry: dict[str, Any], folders: dict[str, str]) -> Service:
    known = {field.name: field.type for field in fields(Service)} | dict.fromkeys(LISTS, list)
    allowed = sorted(known.keys() - {"name", "libraries", "has_pages"})
    for key, value in entry.items():
        if key not in allowed:
            raise ListError(f"{LIST}: {name}: unknown key {key}: known are {', '.join(allowed)}")
        if type(value) is not known[key]:
            raise ListError(f"{LIST}: {name}: {key} = {value!r}: takes {_words(known[key])}")
    for key in ("purpose", "uid"):
        if key not in entry:
            raise ListError(f"{LIST}: {name}: {key} is missing")
    service = Service(
        name=name,
        **{key: value for key, value in entry.items() if key not in LISTS},
        packages=tuple(entry.get("packages", ())),
        locks=tuple(entry.get("locks", [name])),
        libraries=_libraries(root, name, folders),
        has_pages=(root / "services" / name / "page" / "package.json").is_file(),
    )
    _check(service)
    return service


def _words(kind: Any) -> str:
    return {str: "a text", int: "a number", bool: "true or false", list: "a list of texts"}[kind]


def _check(service: Service) -> None:
    names = [service.name, *service.locks]
    names += filter(None, (service.writes, service.profile, service.starts))
    _check_names(service, names, NAME, "small letters, digits and - only")
    _check_names(service, service.packages, PACKAGE, "small letters, digits, - and . only")
    if not PURPOSE.fullmatch(service.purpose):
        raise ListError(
            f"{LIST}: {service.name}: purpose = {service.purpose!r}: one line of 80 characters at"
            " most, without quotes, slashes and pipes"
        )
    if not MIN_UID <= service.uid <= MAX_UID:
        raise ListError(
            f"{LIST}: {service.name}: uid = {service.uid}: {MIN_UID} to {MAX_UID}, where no"
            " distribution puts users of its own"
        )


def _check_names(
    service: Service, names: Iterable[object], allowed: re.Pattern[str], words: str
) -> None:
    for name in names:
        if not (isinstance(name, str) and allowed.fullmatch(name)):
            raise ListError(f"{LIST}: {service.name}: {name!r}: {words}")


def _check_once(what: str, given: Iterable[tuple[str, object]]) -> None:
    owners: dict[object, str] = {}
    for name, value in given:
        if value in owners:
            raise ListError(
                f"{LIST}: {name}: {what} {value} is that of {owners[value]} already: give each"
                " one of its own"
            )
        owners[value] = name


def _distributions(root: Path) -> dict[str, str]:
    """Folder of each distribution of ours that a service may be made of, by its name."""
    folders = ("shared", "firmware-bridge")
    return {_project(root, folder)["name"]: folder for folder in folders}


def _libraries(root: Path, name: str, folders: dict[str, str]) -> tuple[str, ...]:
    if not (root / "services" / name / "pyproject.toml").is_file():
        raise ListError(f"{LIST}: {name}: services/{name}/pyproject.toml is not there: write it")
    wanted = _project(root, f"services/{name}")["dependencies"]
    ours = [needed for needed in wanted if needed.startswith(OURS)]
    for needed in ours:
        if needed not in folders:
            raise ListError(
                f"services/{name}/pyproject.toml: {needed}: a service is made of"
                f" {' and '.join(sorted(folders))} alone, and never of another service"
            )
    return tuple(folders[needed] for needed in ours if folders[needed] != "shared")


def _project(root: Path, folder: str) -> dict[str, Any]:
    text = (root / folder / "pyproject.toml").read_text(encoding="utf-8")
    project: dict[str, Any] = tomllib.loads(text)["project"]
    return project
