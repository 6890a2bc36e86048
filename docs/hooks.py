"""What the site takes from the code when it is built, so that no page repeats it by hand.

A line `{{ calmloop topics }}` becomes what that command prints, `{{ docstring PATH }}` a module's
docstring, and `{{ page PATH }}` a Markdown file of the repository, its first heading left out.
"""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARKER = re.compile(r"^\{\{ (calmloop|docstring|page) (.+) \}\}$", re.MULTILINE)
RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://|#)[^)]+\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fills the markers of one page; called by MkDocs for each."""
    return MARKER.sub(lambda found: _filled(found[1], found[2]), markdown)


def _filled(kind: str, subject: str) -> str:
    if kind == "calmloop":
        return _printed(subject.split())
    text = (ROOT / subject).read_text(encoding="utf-8")
    if kind == "docstring":
        return f"```text\n{ast.get_docstring(ast.parse(text))}\n```"
    # Its links lead to files beside it, which the site does not hold.
    return RELATIVE_LINK.sub(r"\1", text.partition("\n")[2])


def _printed(arguments: list[str]) -> str:
    command = [str(ROOT / ".venv" / "bin" / "calmloop"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
