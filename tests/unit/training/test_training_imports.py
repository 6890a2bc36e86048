"""What `calmloop --help` costs: the heavy packages wait for the command that needs them."""

import subprocess
import sys
from importlib.util import find_spec

import pytest


@pytest.mark.parametrize("module", ["calmloop.cli.main", "calmloop.training.commands.app"])
def test_importing_the_commands_loads_none_of_the_training_packages(module: str) -> None:
    if module == "calmloop.cli.main" and find_spec("paho") is None:
        pytest.skip("the environment for training has no broker's client")
    code = (
        f"import sys, {module}\n"
        "heavy = {'keras', 'tensorflow', 'torch', 'matplotlib', 'jax'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
