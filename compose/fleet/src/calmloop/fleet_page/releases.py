"""What is rolled out, read from the repository of releases: shown here, and decided elsewhere."""

import hashlib
import json
from pathlib import Path

from calmloop.contract.fleet_rollout import ROLLOUT_FILE, FleetRollout


def rollout_of(repository: Path) -> FleetRollout | None:
    """What was said of it last; None: nothing was rolled out.

    Its signature is looked at by the chairs: here a damaged file alone is noticed.

    Args:
        repository: Folder with `metadata` and `targets` (python-tuf's, with consistent snapshots).

    Raises:
        OSError: it cannot be read.
        ValueError: it says something else than that.
    """
    versions = (repository / "metadata").glob(f"*.{ROLLOUT_FILE}")
    newest = max(versions, key=lambda file: int(file.name.partition(".")[0]), default=None)
    if newest is None:
        return None
    try:
        named = json.loads(newest.read_bytes())["signed"]["targets"].get(ROLLOUT_FILE)
        digest = named["hashes"]["sha256"] if named else None
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{newest.name} is no list of targets") from None
    if digest is None:
        return None
    text = (repository / "targets" / f"{digest}.{ROLLOUT_FILE}").read_bytes()
    if hashlib.sha256(text).hexdigest() != digest:
        raise ValueError(f"{ROLLOUT_FILE} is not what was signed: it is damaged")
    return FleetRollout.model_validate_json(text)
