"""How generated text is wrapped; the same in each language that is written."""

import textwrap
from collections.abc import Iterable

WIDTH = 100
NOTICE = "Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this."


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """A text in lines of at most `WIDTH` characters, `first` before the first of them."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def lines(parts: Iterable[str]) -> str:
    """Parts as a file's text: one newline at its end, and none of space before it."""
    return "\n".join(parts).rstrip("\n") + "\n"
