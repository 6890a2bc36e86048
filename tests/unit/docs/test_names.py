"""Every link, command, option, file and setting that a page names exists."""

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import yaml
from typer.main import get_command

from calmloop.cli.main import app
from calmloop.cli.settings_table import COMMON, markdown
from calmloop.contract.topics import SERVICES
from tests.tree import tree
from tests.unit.docs.steps import PAGES as STEPS
from tests.unit.docs.steps import ROOT, steps_of

TREE = list(tree())
PAGES = [ROOT / name for name in TREE if name.endswith(".md")]
NOW = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Pages that speak of today, and not of what there was."""

FENCED = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CALL = re.compile(r"(?:^|[\s`/])(calmloop|training) ((?:[^`|;&)\n#]|\\\n)+)")
SETTING = re.compile(r"(?:{})\.[a-z_.]+".format("|".join(s.replace("-", "_") for s in SERVICES)))
VARIABLE = re.compile(r"CALMLOOP_([A-Z_]+__[A-Z_]+)(?:=.*)?")
OURS = re.compile(r".+\.(?:py|c|h|S|sh|md|toml|in)|.+/|.*Dockerfile|Makefile")
"""What has such a name is one of ours, wherever it stands."""
HIDDEN = re.compile(r"\.\w+[/.-].+")
ROOMS = {name for name in TREE if "/" not in name and (ROOT / name).is_dir()}
MADE = {step.file for page in STEPS.glob("*.md") for step in steps_of(page.read_text())} | set(
    (ROOT / ".gitignore").read_text().replace("\n/", "\n").split()
)
"""What a page has its reader make, and what is made on a device."""


def by_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(text: str) -> Iterator[str]:
    """What a page sets as code: its blocks, as one text each, and its spans."""
    for _, language, block in FENCED.findall(text):
        if language in ("", "sh", "text"):
            yield block
    yield from re.findall(r"(?:^ {4}\S[^\n]*\n)+", text, re.MULTILINE)
    yield from SPAN.findall(FENCED.sub("", text))


def slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


def of_the_site(page: Path) -> Path:
    """The page itself; for a service's page on the site its README, from which it is made."""
    if page.resolve().parent == ROOT / "docs" / "services":
        return ROOT / "services" / page.stem / "README.md"
    return page


def whole(page: Path) -> str:
    """A page with what the site puts into it from the repository's other pages."""
    return re.sub(
        r"^\{\{ page (.+) \}\}$",
        lambda other: (ROOT / other[1]).read_text(),
        page.read_text(),
        flags=re.MULTILINE,
    )


# --- links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(FENCED.sub("", page.read_text())):
        if "://" in target:
            continue
        there = of_the_site(page.parent / target) if target else page
        assert there.exists(), f"it links to {target}"
        if anchor and there.suffix == ".md":
            known = {slug(heading) for heading in HEADING.findall(whole(there))}
            assert anchor[1:] in known, f"it links to {target}{anchor}"


# --- commands -----------------------------------------------------------------------------------


def unknown_words(command: str) -> list[str]:
    """What of a `calmloop` command line does not exist: commands and options."""
    try:
        words = shlex.split(command.replace("\\\n", " "), comments=True)
    except ValueError:
        words = command.split()
    part: Any = get_command(app)
    while hasattr(part, "commands") and words and re.fullmatch(r"[a-z-]+", words[0]):
        if words[0] not in part.commands:
            return words[:1]
        part = part.commands[words.pop(0)]
    options = {name for it in part.params for name in (*it.opts, *it.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return sorted(used - options - {"--help"})


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_the_commands_and_options_it_names_exist(page: Path) -> None:
    for code in code_of(page.read_text()):
        for _, command in CALL.findall(code):
            assert unknown_words(command) == [], f"it names `calmloop {command}`"


def targets(folder: Path) -> set[str]:
    makefile = folder / "Makefile"
    text = makefile.read_text() if makefile.is_file() else ""
    return set(re.findall(r"^([a-z0-9-]+):", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_the_make_targets_it_names_exist(page: Path) -> None:
    for code in code_of(page.read_text()):
        for folder, words in re.findall(
            r"(?:^|&& )make(?: -C (\S+))?((?: [a-z0-9-]+)*)", code, re.M
        ):
            known = targets(ROOT / folder) | targets(page.parent / folder)
            assert set(words.split()) <= known, f"it names `make {folder}{words}`"


@pytest.mark.parametrize(
    ("page", "program"),
    [("README.md", "firmware/posix/options.c"), ("emulator/README.md", "emulator/main.c")],
)
def test_the_options_of_a_simulated_chair_are_those_of_its_program(page: str, program: str) -> None:
    text = (ROOT / "firmware-bridge" / page).read_text()
    source = (ROOT / "firmware-bridge" / program).read_text()
    known = set(re.findall(r'^ +{"([a-z-]+)", \w+_argument', source, re.MULTILINE))
    assert known
    assert known <= set(re.findall(r"--([a-z-]+)", text))
    assert set(re.findall(r"^\| `--([a-z-]+)", text, re.MULTILINE)) <= known


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_the_modules_it_runs_exist(page: Path) -> None:
    for module in re.findall(r"python3? -m (calmloop[\w.]*|tests[\w.]*)", page.read_text()):
        assert find_spec(module) is not None, f"it runs {module}"


@pytest.mark.parametrize("page", NOW, ids=by_name)
def test_the_names_of_python_it_gives_exist(page: Path) -> None:
    for span in SPAN.findall(FENCED.sub("", page.read_text())):
        name = re.fullmatch(r"(calmloop(?:\.\w+)+)(?:\(\))?", span)
        if name and not span.endswith(".yaml"):
            assert is_importable(name[1]), f"it names {span}"


def is_importable(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


CHAIR = yaml.safe_load((ROOT / "compose/compose.yaml").read_text())["services"]
CENTRE = yaml.safe_load((ROOT / "compose/fleet/compose.yaml").read_text())["services"]


@pytest.mark.parametrize("page", NOW, ids=by_name)
def test_the_containers_and_profiles_it_names_exist(page: Path) -> None:
    text = page.read_text()
    added = {step.file.split("/")[1] for step in steps_of(text) if "/" in step.file}
    composed = CHAIR | CENTRE if "cd compose/fleet" in text else CHAIR
    known = {profile for service in composed.values() for profile in service.get("profiles", [])}
    known |= {"*"} | added_profiles(page)
    for code in code_of(text):
        for command in re.findall(r"docker compose ((?:[^`|;&)\n]|\\\n)+)", code):
            profiles = re.findall(r"--profile '?([\w*-]+)", command)
            assert set(profiles) <= known, f"it names {command}"
            named = re.findall(r"--scale ([\w-]+)=", command)
            named += re.findall(r"^(?:run|exec|logs)(?: -\S+)* ([\w-]+)", command)
            assert set(named) <= set(composed) | added, f"it names {command}"


def added_profiles(page: Path) -> set[str]:
    steps = "".join(step.text for step in steps_of(page.read_text()))
    return set(re.findall(r'^\+profile = "(\w+)"', steps, re.MULTILINE))


# --- files and settings -------------------------------------------------------------------------


def is_there(name: str, page: Path) -> bool:
    """Whether a file, or one that fits a pattern, is at the top, beside the page, or anywhere."""
    name = name.rstrip("/")
    beside = by_name(page.parent / name) if page.parent != ROOT else name
    return (
        name in MADE
        or any(fnmatch(path, pattern) for pattern in (name, beside, f"*/{name}") for path in TREE)
        or any((folder / name).exists() for folder in (page.parent, ROOT))
    )


def files_named(page: Path) -> Iterator[str]:
    text = page.read_text()
    for span in SPAN.findall(FENCED.sub("", text)):
        path = re.fullmatch(r"([\w.*-]+(?:/[\w.*-]+)*/?)(?::\d+)?", span)
        if path and (ours(path[1]) or of_a_room(path[1])):
            yield path[1]
    for code in code_of(text):
        yield from filter(of_a_room, re.findall(r"(?<![\w./-])[\w-]+(?:/[\w.*-]+)+/?", code))


def ours(name: str) -> bool:
    """Whether it can only be a file of this repository; `.bak` alone is an ending."""
    hidden = name[0] == "."
    return (HIDDEN if hidden else OURS).fullmatch(name) is not None


def of_a_room(name: str) -> bool:
    return "/" in name and name.partition("/")[0] in ROOMS and not name.startswith("shared/data")


@pytest.mark.parametrize("page", NOW, ids=by_name)
def test_the_files_it_names_exist(page: Path) -> None:
    missing = {name for name in files_named(page) if not is_there(name, page)}
    assert not missing


@pytest.mark.parametrize("page", NOW, ids=by_name)
def test_the_settings_it_names_exist(page: Path) -> None:
    known = set(re.findall(r"^\| `([\w.]+)` \|", markdown([COMMON, *SERVICES]), re.MULTILINE))
    added = "".join(step.text for step in steps_of(page.read_text()))
    for span in SPAN.findall(FENCED.sub("", page.read_text())):
        variable = VARIABLE.fullmatch(span)
        key = variable[1].lower().replace("__", ".") if variable else span
        if (variable or SETTING.fullmatch(key)) and not key.endswith(".py"):
            there = any(f"{name}.".startswith(f"{key}.") for name in known)
            assert there or f"+    {key.partition('.')[2]}:" in added, f"it names {span}"


# --- what is wrong is found ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("settings camera", []),
        ("chair calibrate --accelerometer /dev/x  # so", []),
        ("chair calibrat", ["calibrat"]),
        ("demo --sauce clip.mp4", ["--sauce"]),
        ("demo --source=clip.mp4 \\\n --seconds 5", []),
    ],
)
def test_a_command_that_is_not_there_is_found(command: str, unknown: list[str]) -> None:
    assert unknown_words(command) == unknown


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("calmloop.contract.topics", True),
        ("calmloop.contract.topics.REGISTRY", True),
        ("calmloop.topics", False),
        ("calmloop.contract.topics.NOTHING", False),
    ],
)
def test_a_name_of_python_that_is_not_there_is_found(name: str, there: bool) -> None:
    assert is_importable(name) == there


@pytest.mark.parametrize("name", ["tools/nothing.sh", "nothing.py", "services/camra/", ".ci/walk"])
def test_a_file_that_is_not_there_is_found(name: str) -> None:
    assert not is_there(name, ROOT / "docs" / "index.md")
    assert is_there("tools/setup.sh", ROOT / "docs" / "index.md")


def test_the_pages_name_much() -> None:
    """Whoever changes how names are found sees here that they still are."""
    code = "\n".join(piece for page in NOW for piece in code_of(page.read_text()))
    assert len({name for page in NOW for name in files_named(page)}) > 100
    assert {command.split()[0] for _, command in CALL.findall(code)} > {"chair", "settings"}
    assert len(re.findall(r"(?:^|&& )make ", code, re.MULTILINE)) > 30
