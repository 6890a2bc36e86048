"""The built pages, held in memory by their addresses: nothing else of the disk can be asked for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 4 * 1024 * 1024
"""Of all files together."""
INDEX, CHILD = "/index.html", "/child.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
}
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Calmloop</title>
<h1>The pages of this console are not built</h1>
<p>Install Node and npm, then run <code>make setup</code> in Calmloop's folder.
<p>Until then: press the red button on the chair, or run <code>calmloop stop</code>.
</html>
"""


@dataclass(frozen=True)
class PageFile:
    """One file as it is served."""

    body: bytes
    content_type: str
    etag: str
    lasting: bool
    """Its name changes with its content: a browser need never ask again."""


class PageShelf:
    """The pages of a folder; read anew once they were built anew."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read_ns: int | None = None
        self._files: dict[str, PageFile] = {}

    @property
    def built(self) -> bool:
        """Whether there are any."""
        self._refresh()
        return INDEX in self._files

    def find(self, path: str) -> PageFile | None:
        """The file behind an address such as `/`, `/child` or `/assets/x.js`; None: no such."""
        self._refresh()
        if path == "/":
            path = INDEX
        elif path == "/child":
            path = CHILD if CHILD in self._files else INDEX
        found = self._files.get(path)
        if found is None and path == INDEX:
            return _page(NOT_BUILT.encode(), INDEX)
        return found

    def _refresh(self) -> None:
        if self._folder is None:
            return
        try:
            changed_ns = (self._folder / INDEX[1:]).stat().st_mtime_ns
        except OSError:
            self._files, self._read_ns = {}, None
            return
        if changed_ns != self._read_ns:
            self._files, self._read_ns = _read(self._folder), changed_ns


def _read(folder: Path) -> dict[str, PageFile]:
    """Links lead nowhere: a built page has none."""
    files, total = {}, 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix not in TYPES:
            continue
        total += path.stat().st_size
        if total > MAX_BYTES:
            break
        name = f"/{path.relative_to(folder).as_posix()}"
        files[name] = _page(path.read_bytes(), name)
    return files


def _page(body: bytes, name: str) -> PageFile:
    digest = hashlib.sha256(body).hexdigest()[:32]
    kind = TYPES[Path(name).suffix]
    return PageFile(body, kind, f'"{digest}"', name.startswith("/assets/"))
