"""A forge runs the very make targets that people run, on both architectures."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = yaml.safe_load((ROOT / ".github/actions/prepare/action.yml").read_text())
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
MADE = re.compile(r"^ *make ([a-z][a-z0-9-]*|\$\{\{ matrix\.target \}\})", re.MULTILINE)
USED = re.compile(r"(actions/[a-z-]+@v\d+|\./\.github/actions/prepare)")
STEP = {"name", "uses", "run", "with", "env", "shell", "if"}
JOB = {"runs-on", "container", "strategy", "needs", "timeout-minutes", "steps"}


def read(file: Path) -> dict[Any, Any]:
    parsed: dict[Any, Any] = yaml.safe_load(file.read_text())
    return parsed


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in WORKFLOWS:
        yield from ((f"{file.stem}/{name}", job) for name, job in read(file)["jobs"].items())


JOBS = dict(jobs())


def made(job: dict[str, Any]) -> set[str]:
    """The targets that a job makes, those of its matrix too."""
    words = {word for step in job["steps"] for word in MADE.findall(step.get("run", ""))}
    several = {word for word in words if word.startswith("$")}
    matrix = job.get("strategy", {}).get("matrix", {})
    return (words - several) | (set(matrix["target"]) if several else set())


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_says_when_it_runs_and_may_only_read(file: Path) -> None:
    workflow = read(file)
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow) <= {"name", True, "permissions", "concurrency", "jobs"}
    assert {"push", "schedule"} & set(workflow[True])
    assert workflow["permissions"] == {"contents": "read"}
    assert "://" not in file.read_text()


@pytest.mark.parametrize("name", JOBS)
def test_a_job_has_what_a_forge_asks_for_and_an_end(name: str) -> None:
    job, workflow = JOBS[name], name.partition("/")[0]
    assert {"runs-on", "steps", "timeout-minutes"} <= set(job) <= JOB
    assert {f"{workflow}/{needed}" for needed in job.get("needs", ())} <= set(JOBS)
    for variable in re.findall(r"\$\{\{ matrix\.(\w+) \}\}", str(job)):
        assert job["strategy"]["matrix"][variable]


@pytest.mark.parametrize(
    "steps", [*(job["steps"] for job in JOBS.values()), ACTION["runs"]["steps"]]
)
def test_a_step_runs_a_line_or_a_known_action(steps: list[dict[str, Any]]) -> None:
    for step in steps:
        assert set(step) <= STEP
        assert ("uses" in step) is not ("run" in step)
        assert USED.fullmatch(step.get("uses", "./.github/actions/prepare"))
    assert ACTION["runs"]["using"] == "composite"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_makes_targets_that_there_are(name: str) -> None:
    assert made(JOBS[name])
    assert made(JOBS[name]) <= TARGETS


def test_a_forge_makes_all_that_one_machine_does() -> None:
    here = set(MADE.findall((ROOT / ".ci/run").read_text()))
    every_change = set().union(*(made(job) for name, job in JOBS.items() if name.startswith("ci/")))
    assert here <= every_change


@pytest.mark.parametrize("name", ["ci/test", "ci/images"])
def test_both_architectures_are_tried(name: str) -> None:
    runners = JOBS[name]["strategy"]["matrix"]["runner"]
    assert any(runner.endswith("-arm") for runner in runners)
    assert any(not runner.endswith("-arm") for runner in runners)


def test_what_the_container_lacks_is_installed_before_the_checkout() -> None:
    for job in JOBS.values():
        if "container" in job:
            first = job["steps"][0]["run"]
            assert {"git", "make", "python3-venv", "sudo"} <= set(first.split())


def test_what_is_fetched_is_kept_by_architecture_and_lock() -> None:
    (cache,) = (s for s in ACTION["runs"]["steps"] if s.get("uses", "").startswith("actions/cache"))
    for part in ("runner.arch", "requirements/*.txt", "package-lock.json"):
        assert part in cache["with"]["key"]
    assert "~/.cache/pip" in cache["with"]["path"]
