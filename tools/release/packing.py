"""Archives that are the same bytes whoever packs them, when and where."""

import gzip
import stat
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

LEVEL = 9
PROGRAM, PLAIN = 0o755, 0o644


def pack(out: Path, files: Mapping[str, Path | bytes], epoch: int) -> None:
    """Packs files sorted by name, all of one time, of nobody, with plain permissions.

    Args:
        out: The archive, `.tar.gz`.
        files: By the name in it, the file or its bytes.
        epoch: The time that each has.
    """
    with (
        out.open("wb") as raw,
        gzip.GzipFile("", "wb", LEVEL, raw, mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(files):
            held = files[name]
            member = tarfile.TarInfo(name)
            member.mtime = epoch
            content = held if isinstance(held, bytes) else held.read_bytes()
            member.size = len(content)
            member.mode = PROGRAM if _is_program(held) else PLAIN
            tar.addfile(member, BytesIO(content))


def _is_program(held: Path | bytes) -> bool:
    return isinstance(held, Path) and bool(held.stat().st_mode & stat.S_IXUSR)
