"""Only in the environment of `make papers`; elsewhere there is nothing here to collect."""

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("peft") else ["test_*.py"]


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Several would wait for one another on a busy machine."""
    import torch

    from calmloop.papers.quiet import hush

    torch.set_num_threads(1)
    hush()
