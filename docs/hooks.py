"""What the site takes from the code when it is built, so that no page repeats it by hand.

A line `{{ calmloop topics }}` becomes what that command prints, `{{ docstring PATH }}` a module's
docstring, `{{ constants PATH }}` a module's numbers with their reasons, `{{ records MODULE }}` its
records of numbers beside one another, `{{ risks PATH }}` a table of hazards with where their tests
stand, `{{ classes NAME }}` the classes that derive from one, and `{{ page PATH }}` a Markdown file
of the repository, its first heading left out. Each service's README becomes a page under Services.
"""

import ast
import posixpath
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs"
KINDS = "calmloop|classes|constants|docstring|page|records|risks"
PRINTED = {
    "calmloop": ("calmloop",),
    "records": ("python", "docs/records.py"),
    "risks": ("python", "docs/risks.py"),
}
"""What a program of the repository's own environment prints."""
MARKER = re.compile(rf"^\{{\{{ ({KINDS}) (.+) \}}\}}$", re.MULTILINE)
RELATIVE_LINK = re.compile(r"(!?)\[([^\]]+)\]\((?!https?://)([^)#]*)(#[^)]*)?\)")
CODE_IN_CELL = re.compile(r"(?<=<code>)[^<]+(?=</code>)")
CELL = re.compile(r"<t[dh]>.*?</t[dh]>", re.DOTALL)
BREAKABLE = re.compile(r"(?<=[\w;])(?:[/_]|\.(?=[a-z_]{4}))")
PART = re.compile(r"# --- (.+?) -+$")
ASSIGNED = (ast.Assign, ast.AnnAssign)
REASONS = "| constant | reason |\n| --- | --- |"
PICTURES = (".png", ".svg")
MODULES = ("*/src/calmloop/**/*.py", "*/*/src/calmloop/**/*.py")
INDENT = "&nbsp;" * 4
SERVICES = "Services"
"""The entry of the menu that gets a page for each."""


def on_config(config: Any) -> Any:
    """Puts the services into the menu."""
    entries = [entry for tab in config["nav"] for entry in next(iter(tab.values()))]
    menu = next(entry for entry in entries if SERVICES in entry)
    menu[SERVICES] = [{name: f"services/{name}.md"} for name in _services()]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds a page for each service, and the pictures of pages from elsewhere."""
    # MkDocs is in an environment of its own.
    generated = import_module("mkdocs.structure.files").File.generated
    for place, own in _places().items():
        if place.endswith(PICTURES):
            files.append(generated(config, own, content=(ROOT / place).read_bytes()))
    for name in _services():
        content = f"# {name}\n\n{{{{ page services/{name}/README.md }}}}\n"
        files.append(generated(config, f"services/{name}.md", content=content))
    return files


def on_page_markdown(markdown: str, page: Any = None, **_: Any) -> str:
    """Fills the markers of one page; called by MkDocs for each."""
    here = page.file.src_uri if page else ""
    return MARKER.sub(lambda found: _filled(found[1], found[2], here), markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Lets names and paths in tables break where their parts meet, and nowhere else."""
    return CELL.sub(lambda cell: CODE_IN_CELL.sub(_breakable, cell[0]), html)


def _breakable(code: re.Match[str]) -> str:
    return BREAKABLE.sub(r"\g<0><wbr>", code[0])


def _services() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob("services/*/README.md"))


def _filled(kind: str, subject: str, here: str) -> str:
    if kind in PRINTED:
        return _run(*PRINTED[kind], *subject.split())
    if kind == "classes":
        return "\n".join(_derived(subject))
    text = (ROOT / subject).read_text(encoding="utf-8")
    if kind == "docstring":
        return f"```text\n{ast.get_docstring(ast.parse(text))}\n```"
    if kind == "constants":
        return "\n".join(_constants(text))
    body = text.partition("\n")[2]
    return RELATIVE_LINK.sub(lambda found: _on_the_site(found, subject, here), body)


def _derived(base: str) -> Iterator[str]:
    """A table of the classes below one, each below what it derives from."""
    classes = [(path, node) for path in _modules() for node in _classes(path)]

    def below(name: str, depth: int) -> Iterator[str]:
        for path, node in classes:
            if node.bases and ast.unparse(node.bases[0]) == name:
                summary = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
                package = path.relative_to(ROOT).as_posix().partition("/src/")[0]
                yield f"| {INDENT * depth}`{node.name}` | `{package}` | {summary} |"
                yield from below(node.name, depth + 1)

    yield f"| {base} | in | what it says |\n| --- | --- | --- |"
    yield from below(base, 0)


def _modules() -> list[Path]:
    return sorted(path for pattern in MODULES for path in ROOT.glob(pattern))


def _classes(path: Path) -> list[ast.ClassDef]:
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in nodes if isinstance(node, ast.ClassDef)]


def _constants(text: str) -> Iterator[str]:
    """A table for each part of a module: those that stand together share the reason below them."""
    parts = dict(enumerate((PART.match(line) for line in text.splitlines()), 1))
    if not any(parts.values()):
        yield REASONS
    together: list[str] = []
    body = ast.parse(text).body
    for node, before in zip(body[1:], body, strict=False):
        ended = before.end_lineno or 0
        for heading in filter(None, map(parts.get, range(ended, node.lineno))):
            yield f"\n## {heading[1].capitalize()}\n\n{REASONS}"
        together = together if isinstance(before, ASSIGNED) and node.lineno == ended + 1 else []
        if isinstance(node, ASSIGNED):
            together += _assigned(node)
        elif together:
            yield from _reasoned(together, node)


def _reasoned(together: Sequence[str], node: ast.stmt) -> Iterator[str]:
    """A row of those that stand together, if the text below them says why they are so."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield f"| {'<br>'.join(together)} | {' '.join(str(node.value.value).split())} |"


def _assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """Each name with its value, those of a tuple one by one."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    names, values = [target], [node.value]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        names, values = list(target.elts), list(node.value.elts)
    for name, value in zip(names, values, strict=True):
        yield f"`{ast.unparse(name)} = {ast.unparse(value) if value else '...'}`"


def _on_the_site(link: re.Match[str], source: str, here: str) -> str:
    """A link of a page from elsewhere: to where the site has its target, else its text alone."""
    mark, text, target, anchor = link[1], link[2], link[3], link[4] or ""
    if not target:
        return link[0]
    there = _places().get(posixpath.normpath(posixpath.join(posixpath.dirname(source), target)))
    if there is None:
        return text
    return f"{mark}[{text}]({posixpath.relpath(there, posixpath.dirname(here))}{anchor})"


@cache
def _places() -> dict[str, str]:
    """Where the site has a file of the repository, by its path there."""
    places = {f"services/{name}/README.md": f"services/{name}.md" for name in _services()}
    for page in SITE.rglob("*.md"):
        own = page.relative_to(SITE).as_posix()
        places[f"docs/{own}"] = own
        for kind, subject in MARKER.findall(page.read_text(encoding="utf-8")):
            if kind == "page":
                places[subject] = own
    return places | {picture: f"pictures/{picture}" for picture in _pictures(tuple(places))}


def _pictures(pages: tuple[str, ...]) -> Iterator[str]:
    """Those that pages from elsewhere show, by their paths in the repository."""
    for page in pages:
        for mark, _, target, _ in RELATIVE_LINK.findall((ROOT / page).read_text(encoding="utf-8")):
            if mark and not page.startswith("docs/"):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def _run(*words: str) -> str:
    """What a program of the repository's own environment prints."""
    program, *arguments = words
    command = [str(ROOT / ".venv" / "bin" / program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
