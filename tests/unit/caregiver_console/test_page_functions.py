"""The pages' pure functions, tested in Node; and what the pages are made from."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "services/caregiver-console/page"


def test_the_pure_functions_of_the_pages() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node here: the pages' functions were not tested")
    folder = Path(__file__).parent / "page"
    tests = sorted(folder.glob("*.test.mjs"))
    finished = subprocess.run(
        [node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert re.search(r"^. fail 0$", finished.stdout, re.MULTILINE)


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    lock = json.loads((PAGE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def test_each_direct_dependency_has_one_version() -> None:
    project = json.loads((PAGE / "package.json").read_text())
    versions = [*project["dependencies"].values(), *project["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert set(project["dependencies"]) == {"htm", "preact", "uplot", "uqr"}


def test_no_module_of_the_pages_is_long() -> None:
    long = {
        path.name: lines
        for path in (PAGE / "src").rglob("*.js")
        if (lines := len(path.read_text().splitlines())) > 300
    }
    assert not long
