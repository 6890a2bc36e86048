"""The files of the repository, without what is built or installed."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = {"build", "dist", "node_modules", "__pycache__"}


def tree(folder: Path = ROOT) -> Iterator[str]:
    """Files and folders, each folder before what is in it, by their paths from `folder`."""
    for path in sorted(folder.iterdir()):
        is_folder = path.is_dir()
        if is_folder and (path.name[0] == "." or path.name in BUILT):
            continue
        yield path.name
        if is_folder:
            yield from (f"{path.name}/{name}" for name in tree(path))
