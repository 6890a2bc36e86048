"""The images of a release, as they are in this machine's Docker engine."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

from tools.release.errors import CannotReleaseError

LIST = "docker compose --profile {} config --images"


def save(root: Path, tag: str, out: Path) -> None:
    """Packs every image of a tag, and those that a device starts beside them: for `docker load`.

    It is what an engine has, and so not the same bytes each time; their digests are its own.

    Raises:
        CannotReleaseError: there is no engine, or an image is missing.
    """
    environment = os.environ | {"IMAGE_TAG": tag}
    folder = root / "compose"
    every = _run(LIST.format("*").split(), folder, environment)
    ours = {name for name in every.splitlines() if f":{tag}" in name}
    if not ours:
        raise CannotReleaseError(f"compose/ has no image with the tag '{tag}'")
    beside = set(_run(LIST.format("device").split(), folder, environment).splitlines())
    names = sorted(ours | beside)
    _run(["docker", "image", "inspect", "--format", "{{.Id}}", *names], root, environment)
    with (
        subprocess.Popen(["docker", "save", *names], stdout=subprocess.PIPE) as saving,
        gzip.GzipFile(out, "wb", mtime=0) as packed,
    ):
        assert saving.stdout is not None
        shutil.copyfileobj(saving.stdout, packed)
    if saving.returncode != 0:
        out.unlink()
        raise CannotReleaseError("docker save failed: see above")


def _run(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise CannotReleaseError("docker is not there: leave --images out") from None
    except subprocess.CalledProcessError as error:
        raise CannotReleaseError(
            f"{error.stderr.strip()[-500:]}: build the images first,"
            " `docker compose --profile '*' build` in compose/, with IMAGE_TAG set"
        ) from None
    return done.stdout
