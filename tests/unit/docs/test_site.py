"""The documentation site tells the truth: what its walks name exists, and its menu is whole."""

import ast
import importlib.util
import inspect
import re
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml

from calmloop.contract.topics import REGISTRY, SERVICES
from calmloop.scenario_selector import limits
from calmloop.scenario_selector.distress import fusion, norms, signals
from calmloop.scenario_selector.profiles import RecordError
from calmloop.training.data.faces import DataError
from tests.unit.packaging.test_layers import LAYERS

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "docs"
STEP = re.compile(r"^\| [^|]+ \| `([^`]+/[^`]+)` \| (.+) \|$", re.MULTILINE)
STEPS = STEP.findall((SITE / "architecture.md").read_text())


@pytest.mark.parametrize(("file", "names"), STEPS, ids=[file for file, _ in STEPS])
def test_a_step_of_a_walk_names_a_file_and_what_is_in_it(file: str, names: str) -> None:
    text = (ROOT / file).read_text()
    for name in re.findall(r"`([^`]+)`", names):
        assert name in text, f"{file} holds no {name}"


def test_there_are_four_walks() -> None:
    headings = re.findall(r"^## (.+)$", (SITE / "architecture.md").read_text(), re.MULTILINE)
    assert headings == ["A frame", "A stop", "A setting", "A training face"]
    assert len(STEPS) > 30


def texts(picture: str, kind: str) -> list[str]:
    """What an SVG of the site says, in its order, where `kind` fits how the line begins."""
    drawn = (SITE / picture).read_text()
    return re.findall(rf"^ *{kind}[^>]*>([^<]+)</text>", drawn, re.MULTILINE)


def test_the_drawings_show_the_services_topics_and_layers_that_there_are() -> None:
    boxes = texts("loop.svg", r'<rect class="s"[^\n]*\n *<text')
    assert boxes
    assert set(boxes) <= {str(service) for service in SERVICES}
    labels = [label for label in texts("loop.svg", '<text class="l"') if "/" in label]
    assert labels
    assert set(labels) <= {topic.path for topic in REGISTRY}
    assert texts("layers.svg", '<text class="n layer"') == list(reversed(LAYERS))
    folders = texts("layers.svg", '<text class="n"')
    assert len(folders) > 3
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_every_page_stands_in_the_menu() -> None:
    menu = set(_pages(yaml.safe_load((ROOT / ".mkdocs.yml").read_text())["nav"]))
    assert menu == {str(page.relative_to(SITE)) for page in SITE.rglob("*.md")}


def _pages(entries: list[object]) -> list[str]:
    pages: list[str] = []
    for entry in entries:
        if isinstance(entry, str):
            pages.append(entry)
        elif isinstance(entry, dict):
            for inner in entry.values():
                pages += _pages(inner if isinstance(inner, list) else [inner])
    return pages


@pytest.mark.parametrize("page", sorted((SITE / "reference").glob("*.md")), ids=lambda p: p.stem)
def test_a_reference_is_made_from_the_code(page: Path) -> None:
    """Its marker is filled, and with something."""
    before, after = page.read_text(), made(page.name)
    assert "{{" in before
    assert "{{" not in after
    assert len(after) > len(before) + 300


def test_every_error_stands_in_the_tree_below_what_it_derives_from() -> None:
    rows = re.findall(
        r"^\| ((?:&nbsp;)*)`(\w+)` \| `([\w/-]+)` \| (.+) \|$", made("errors.md"), re.MULTILINE
    )
    below = dict.fromkeys(name for _, name, _, _ in rows)
    assert {"ConfigurationError", "DeviceError", RecordError.__name__, DataError.__name__} <= set(
        below
    )
    names = list(below)
    assert names.index("InputError") < names.index(DataError.__name__) < names.index("BusError")


def numbers(module: ModuleType) -> set[str]:
    """The names that a module gives to numbers, or to rows of them, itself."""
    return {
        ast.unparse(name)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in (target.elts if isinstance(target, ast.Tuple) else [target])
        if not isinstance(node.value, ast.Call)
    }


def test_every_limit_of_the_engine_stands_with_its_reason() -> None:
    rows = re.findall(r"^\| (`[A-Z_]+ = .+) \| (.{20,}) \|$", made("limits.md"), re.MULTILINE)
    named = {name for cell, _ in rows for name in re.findall(r"`([A-Z_]+) =", cell)}
    assert named >= set().union(*map(numbers, (limits, fusion, signals, norms)))
    assert named >= {name for name in vars(limits) if name.isupper()}


def test_what_tells_distress_stands_with_what_each_number_means() -> None:
    lines = made("limits.md").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    by_field = {cells[0].partition("`: ")[0]: cells for cells in rows}
    assert by_field["`threshold"][1:] == ["1.65", "17"]
    assert by_field["`leak_s"][0].endswith("Time in which a share of 1 - 1/e is forgotten.")
    heading = next(cells for cells in rows if cells[0] == "face")
    assert heading == [cue.value for cue in signals.MODELS]
    most = dict(zip(heading, by_field["`most"][1:], strict=True))
    assert most == {cue.value: f"{model.most:g}" for cue, model in signals.MODELS.items()}
    assert by_field["what"][1:][0] == "Minus the valence."
    assert all(by_field["what"][1:])


def test_a_page_from_elsewhere_leads_to_the_pages_of_the_site() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="guides/overview.md"))
    made = _hooks().on_page_markdown("{{ page README.md }}\n", page=page)
    assert "[camera](../services/camera.md)" in made
    assert "(../reference/safety.md)" in made
    assert "[LICENSE]" not in made, "the site has none: its name stays, without a link"


def test_each_service_has_a_page_in_the_menu() -> None:
    config = {"nav": yaml.safe_load((ROOT / ".mkdocs.yml").read_text())["nav"]}
    menu = _pages(_hooks().on_config(config)["nav"])
    assert {f"services/{service}.md" for service in SERVICES} <= set(menu)


def test_names_in_tables_break_where_their_parts_meet() -> None:
    html = "<td><code>a_b/c.yaml</code></td><p><code>a_b</code></p>"
    made = _hooks().on_page_content(html)
    assert made == "<td><code>a_<wbr>b/<wbr>c.<wbr>yaml</code></td><p><code>a_b</code></p>"


@cache
def made(reference: str) -> str:
    """A page of the reference with its markers filled."""
    text = (SITE / "reference" / reference).read_text()
    filled: str = _hooks().on_page_markdown(text)
    return filled


@cache
def _hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_hooks", SITE / "hooks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
