"""The images' locks: complete, hashed, without an address, and what the tests ran with."""

import re
import tomllib
from pathlib import Path

import pytest

from calmloop.base.priority import FIRST
from tests.services import LISTING

REPOSITORY = Path(__file__).resolve().parents[3]
REQUIREMENTS = REPOSITORY / "requirements"
PROJECTS = {"compose-init": ["compose/init"], "fleet-centre": ["compose/fleet"]} | {
    lock: [*service.libraries, service.folder]
    for service in LISTING.services
    for lock in service.locks
}
LOCKS = [*PROJECTS, "build", "device-tools", "reports", "tools-reports"]
OTHER_RUNTIME = {"ai-edge-litert"}
"""What the tflite variant has something else for."""


def pins(name: str) -> list[tuple[str, str]]:
    """The locked packages and versions; one package has two where Python's version decides."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", text, re.MULTILINE)


def locked(name: str) -> set[str]:
    """Names of the locked packages."""
    return {package for package, _version in pins(name)}


def needed(folder: str) -> set[str]:
    """Names that the distribution in `folder` needs from elsewhere."""
    project = tomllib.loads((REPOSITORY / folder / "pyproject.toml").read_text())["project"]
    names = (re.split(r"[\s<>=!~;\[]", line)[0].lower() for line in project["dependencies"])
    return {name for name in names if not name.startswith("calmloop-")}


@pytest.mark.parametrize("name", [*LOCKS, "papers"])
def test_every_package_is_pinned_with_its_hashes_and_no_address(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(blocks) == len(pins(name))
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


@pytest.mark.parametrize("name", PROJECTS)
def test_the_lock_holds_all_that_the_image_s_distributions_need(name: str) -> None:
    wanted = set().union(*(needed(folder) for folder in ["shared", *PROJECTS[name]]))
    if name.endswith("-tflite"):
        wanted = (wanted - OTHER_RUNTIME) | {"tflite-runtime"}
    assert wanted <= locked(name)


def test_what_the_papers_need_is_in_no_other_environment_than_theirs() -> None:
    theirs = {"torch", "torchvision", "transformers", "peft", "facenet-pytorch"}
    assert theirs <= locked("papers")
    others = {path.stem for path in REQUIREMENTS.glob("*.txt")} - {"papers"}
    assert not [name for name in others if theirs & locked(name)]


BESIDE_DEV = {"reports", "tools-reports"}
"""What adds to dev.txt, and has its versions of all that both hold."""


def test_what_renders_reports_is_locked_beside_what_the_tests_run_with() -> None:
    both = locked("reports") & locked("dev")
    assert {"matplotlib", "numpy", "pillow"} <= both
    assert {pin for pin in pins("reports") if pin[0] in both} <= set(pins("dev"))
    assert needed("tools/reports") <= locked("tools-reports")
    assert set(pins("tools-reports")) == {pin for pin in pins("reports") if pin[0] != "pypdf"}


@pytest.mark.parametrize(
    "name", [name for name in LOCKS if not name.endswith("-tflite") and name not in BESIDE_DEV]
)
def test_an_image_runs_the_versions_that_the_tests_ran(name: str) -> None:
    assert set(pins(name)) <= set(pins("dev"))


def test_the_safety_chain_carries_no_picture_library() -> None:
    for name in FIRST:
        assert not {"numpy", "opencv-python-headless", "ai-edge-litert"} & locked(name)
