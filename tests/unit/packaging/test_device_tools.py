"""What a release brings along for `calmloop device` is all that it needs."""

import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.unit.packaging.test_locks import locked

ALONE = """
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {missing!r}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
from calmloop.cli.main import app
from calmloop.base.settings_check import all_faults
import calmloop.device.command
all_faults(None)
try:
    app(["device", "doctor", "--help"])
except SystemExit as ended:
    sys.exit(ended.code)
"""


def test_calmloop_device_runs_with_what_its_lock_has_alone() -> None:
    there = locked("device-tools")
    missing = {
        module
        for module, names in packages_distributions().items()
        if not module.startswith(("calmloop", "_"))
        and not any(name.lower().replace("_", "-") in there for name in names)
        and not any(name.startswith("calmloop") for name in names)
    }
    assert {"numpy", "fastapi"} <= missing and "typer" not in missing
    done = subprocess.run(
        [sys.executable, "-c", ALONE.format(missing=missing)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
