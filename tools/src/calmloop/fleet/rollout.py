"""What a fleet's repository calls its files."""

ROLLOUT_FILE = "rollout.json"
RELEASES = "releases/"


def release_path(version: str) -> str:
    """How the names of a release's files begin."""
    return f"{RELEASES}{version}/"
