"""What git knows of the checkout: its commit, its time, the files that belong to it."""

import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.release.errors import CannotReleaseError

VERSIONED = Path("shared/pyproject.toml")
"""Its version is the release's."""


@dataclass(frozen=True)
class Checkout:
    """A checkout of this repository.

    Attributes:
        root: Its folder.
        version: Of what is in it.
        commit: What it is a checkout of.
        modified: Whether its files are others than the commit's.
        epoch: The time that everything in the release has: that of `SOURCE_DATE_EPOCH`, else of
            the commit.
        files: All files that belong to it, sorted, by their paths from the root.
    """

    root: Path
    version: str
    commit: str
    modified: bool
    epoch: int
    files: tuple[str, ...]

    @classmethod
    def read(cls, root: Path) -> Self:
        """Asks git.

        Raises:
            CannotReleaseError: it is no checkout.
        """
        said = os.environ.get("SOURCE_DATE_EPOCH") or _git(root, "log", "-1", "--format=%ct")
        if not said.isdecimal():
            raise CannotReleaseError(
                f"SOURCE_DATE_EPOCH={said}: is no number of seconds since 1970"
            )
        listed = _git(root, "ls-files", "-z", "--cached").split("\0")
        project = tomllib.loads((root / VERSIONED).read_text(encoding="utf-8"))["project"]
        return cls(
            root=root,
            version=str(project["version"]),
            commit=_git(root, "rev-parse", "HEAD"),
            modified=bool(_git(root, "status", "--porcelain", "--untracked-files=no")),
            epoch=int(said),
            files=tuple(sorted(name for name in listed if name and (root / name).is_file())),
        )


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", root, *words], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise CannotReleaseError("git is not there: apt-get install git") from None
    except subprocess.CalledProcessError as error:
        raise CannotReleaseError(
            f"git: {error.stderr.strip()}: a release is made in a checkout with its history"
        ) from None
    return done.stdout.strip("\n")
