"""Whoever installs one of the distributions gets its types: each package says that it has them."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[3]
DISTRIBUTIONS = sorted(
    path.parent
    for path in ROOT.glob("**/pyproject.toml")
    if (path.parent / "src/calmloop").is_dir() and ".venv" not in str(path.relative_to(ROOT))
)


def test_there_are_several() -> None:
    assert {"shared", "tools", "camera"} <= {folder.name for folder in DISTRIBUTIONS}


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_each_package_of_a_wheel_is_marked_as_typed(folder: Path, tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(folder)).build(directory=str(tmp_path), versions=["standard"]))
    names = ZipFile(wheel).namelist()
    packages = {name.split("/")[1] for name in names if name.count("/") > 1 and "calmloop/" in name}
    assert packages
    assert {f"calmloop/{package}/py.typed" for package in packages} <= set(names)
