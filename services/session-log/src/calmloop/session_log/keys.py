"""The key of each child, a file each beside the database: without it nothing of the child is read.

A child's code stands in the name of its file and nowhere in plain in the database, which knows it
by a number at random. Whoever destroys the file erases the child from every copy of the database.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from calmloop.session_log import files
from calmloop.session_log.errors import LogError, UnknownRecordError, UnwritableLogError
from calmloop.session_log.sealing import KEY_BYTES

CHAIR = ""
"""As a child's code: what happened to the chair while no child's session ran."""
CHAIR_FILE = "_chair"
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
NUMBER = re.compile(r"[0-9a-f]{16}")
SUFFIX, ERASED = ".key", ".erased"
MAX_FILE_BYTES = 1000


@dataclass(frozen=True)
class ChildKey:
    """A child's number in the database, and its key."""

    code: str
    child: str
    key: bytes

    def text(self) -> bytes:
        """As its file has it."""
        return json.dumps(
            {
                "child": self.child,
                "key": base64.b64encode(self.key).decode(),
                "check": _check(self.key),
            }
        ).encode()


def checked_code(code: str) -> str:
    """The code, if it is one; empty stands for the chair.

    Raises:
        LogError: it is none.
    """
    if code != CHAIR and not CODE.fullmatch(code):
        raise LogError(
            f"child {code[:60]!r}: a code has 1 to 40 of a-z, 0-9, _ and -, and no - or _ first"
        )
    return code


class KeyRing:
    """All keys of one folder.

    Attributes:
        trouble: Files that cannot be used, and what to do.
        erased: Numbers of children whose keys were destroyed.
    """

    def __init__(self, folder: Path) -> None:
        """Reads the folder, and finishes an erasure that was cut short.

        Raises:
            UnwritableLogError: the folder cannot be used.
        """
        self._folder = folder
        self._by_code: dict[str, ChildKey] = {}
        self._by_child: dict[str, ChildKey] = {}
        self.trouble: list[str] = []
        try:
            files.make_folder(folder.parent)
            files.make_folder(folder)
            self.erased = {p.stem for p in folder.glob(f"*{ERASED}") if NUMBER.fullmatch(p.stem)}
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                self._read(path)
        except OSError as error:
            raise UnwritableLogError(
                f"{folder}: cannot be used ({error.strerror}): check the disk and"
                " session_log.data_dir"
            ) from error

    @property
    def codes(self) -> tuple[str, ...]:
        """Of all children, sorted; the chair is none."""
        return tuple(sorted(code for code in self._by_code if code != CHAIR))

    def of_child(self, child: str) -> ChildKey | None:
        """The key of a number in the database; None where it is not here."""
        return self._by_child.get(child)

    def find(self, code: str) -> ChildKey | None:
        """The key of a child's code; None where it has none."""
        return self._by_code.get(code)

    def known(self, code: str) -> ChildKey:
        """The same.

        Raises:
            UnknownRecordError: it has none.
        """
        if found := self.find(checked_code(code)):
            return found
        known = ", ".join(self.codes) or "no child"
        raise UnknownRecordError(f"child '{code}': nothing is kept of it: there is {known}")

    def make(self, code: str) -> ChildKey:
        """The key of a child's code, made and on the disk where there was none.

        Raises:
            LogError: the code is none, or its file is damaged.
            UnwritableLogError: it cannot be written.
        """
        if found := self.find(checked_code(code)):
            return found
        path = self._path(code)
        if path.exists():
            raise LogError(f"{path}: is damaged: restore it from a copy of the keys, or move it")
        made = ChildKey(code, secrets.token_hex(8), secrets.token_bytes(KEY_BYTES))
        self.put(made)
        return made

    def put(self, key: ChildKey) -> None:
        """Keeps a key that was made, or that a copy of the keys has.

        Raises:
            LogError: its child was erased.
            UnwritableLogError: it cannot be written.
        """
        if key.child in self.erased:
            raise LogError(f"child '{key.code}': was erased: its key is not taken back")
        try:
            files.write(self._path(key.code), key.text())
        except OSError as error:
            raise UnwritableLogError(
                f"{self._path(key.code)}: cannot be written ({error.strerror}): make room"
            ) from error
        self._by_code[key.code] = self._by_child[key.child] = key

    def destroy(self, key: ChildKey) -> None:
        """Destroys a key for good. That it was meant is on the disk first.

        Raises:
            UnwritableLogError: it could not be done to the end; it is finished at the next start.
        """
        try:
            files.write(self._folder / f"{key.child}{ERASED}", b"")
            files.destroy(self._path(key.code))
        except OSError as error:
            raise UnwritableLogError(
                f"{self._path(key.code)}: cannot be destroyed ({error.strerror}): restart the log,"
                " which tries again"
            ) from error
        self.erased.add(key.child)
        self._by_code.pop(key.code, None)
        self._by_child.pop(key.child, None)

    def all(self) -> Iterable[ChildKey]:
        """Every key, the chair's too."""
        return tuple(self._by_code.values())

    def _read(self, path: Path) -> None:
        code = CHAIR if path.stem == CHAIR_FILE else path.stem
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise LogError("too large")
            key = parsed_key(code, path.read_bytes())
        except LogError as error:
            self.trouble.append(f"{path}: {error}: restore it from a copy of the keys")
            return
        if key.child in self.erased:
            files.destroy(path)
            return
        self._by_code[key.code] = self._by_child[key.child] = key

    def _path(self, code: str) -> Path:
        return self._folder / f"{code or CHAIR_FILE}{SUFFIX}"


def parsed_key(code: str, text: bytes) -> ChildKey:
    """A key from the text of its file.

    Raises:
        LogError: it is damaged, or the code is none.
    """
    try:
        said = json.loads(text)
        key, child = base64.b64decode(said["key"], validate=True), said["child"]
        if len(key) != KEY_BYTES or _check(key) != said["check"] or not NUMBER.fullmatch(child):
            raise ValueError("the check does not fit")
    except (ValueError, KeyError, TypeError) as error:
        raise LogError("the key is damaged") from error
    return ChildKey(checked_code(code), child, key)


def _check(key: bytes) -> str:
    return hashlib.sha256(b"calmloop key" + key).hexdigest()[:8]
