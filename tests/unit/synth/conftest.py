"""The mesh that synthetic children are drawn from."""

from pathlib import Path

import pytest

from calmloop.synth.mesh import Mesh, load_mesh


@pytest.fixture(scope="session")
def assets(shared_dir: Path) -> Path:
    folder = shared_dir / "data" / "mpfb-cc0"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder


@pytest.fixture(scope="session")
def mesh(assets: Path) -> Mesh:
    return load_mesh(assets)
