"""The images of a release are those of its tag and what a device starts beside them, or none."""

import gzip
from pathlib import Path

import pytest

from tools.release import images
from tools.release.errors import CannotReleaseError

DOCKER = """#!/bin/sh
case "$*" in
  "compose --profile * config --images")
    echo calmloop/camera:$IMAGE_TAG; echo calmloop/classifier:$IMAGE_TAG-litert
    echo eclipse-mosquitto:2.0; echo grafana/grafana:11 ;;
  "compose --profile device config --images") echo eclipse-mosquitto:2.0 ;;
  "image inspect "*) [ "$IMAGE_TAG" != missing ] || { echo No such image >&2; exit 1; } ;;
  "save "*) shift; echo "$@" ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, and a `docker` of the test's own."""
    (tmp_path / "compose").mkdir()
    program = tmp_path / "programs/docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return tmp_path


def test_the_images_of_a_tag_and_the_broker_are_packed(root: Path) -> None:
    images.save(root, "0.2.0", root / "images.tar.gz")
    packed = gzip.decompress((root / "images.tar.gz").read_bytes()).decode().split()
    ours = ["calmloop/camera:0.2.0", "calmloop/classifier:0.2.0-litert"]
    assert packed == [*ours, "eclipse-mosquitto:2.0"]


def test_one_that_is_missing_is_told_and_nothing_is_written(root: Path) -> None:
    with pytest.raises(CannotReleaseError, match="build the images first"):
        images.save(root, "missing", root / "images.tar.gz")
    assert not (root / "images.tar.gz").exists()


def test_without_an_engine_it_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(CannotReleaseError, match="leave --images out"):
        images.save(root, "0.2.0", root / "images.tar.gz")
