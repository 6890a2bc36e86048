"""Only in the environment of `make papers`; elsewhere there is nothing here to collect."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.papers.drawn_detector import DrawnRun

collect_ignore_glob = [] if find_spec("peft") else ["test_*.py"]


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Several would wait for one another on a busy machine."""
    import torch

    from calmloop.papers.quiet import hush

    torch.set_num_threads(1)
    hush()


@pytest.fixture(scope="session")
def drawn_run(tmp_path_factory: pytest.TempPathFactory, _one_thread: None) -> "DrawnRun":
    """A detector of drawn faces: trained once for all tests."""
    from tests.papers.drawn_detector import train_on_drawn

    return train_on_drawn(tmp_path_factory.mktemp("drawn"))
