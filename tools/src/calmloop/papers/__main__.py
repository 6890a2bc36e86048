"""``python -m calmloop.papers``: the papers' systems, in their own environment."""

# ruff: noqa: PLC0415 - what is imported is only in that environment
import sys
from importlib.util import find_spec


def main() -> None:
    """Runs the commands, or says what makes the environment that they need."""
    if find_spec("peft") is None:
        sys.exit("no package peft here: `make papers` makes an environment with it, .venv-papers")
    from calmloop.papers.commands import app

    app(prog_name="python -m calmloop.papers")


if __name__ == "__main__":
    main()
