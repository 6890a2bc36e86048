"""What helps who changes the code: the commit hook and the container do what their names say."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
CONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
DOCKERFILE = (ROOT / ".devcontainer" / CONTAINER["build"]["dockerfile"]).read_text()


def test_the_commit_hook_lints_and_fetches_nothing() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert any(hook["entry"].split()[0] == "make" and "lint" in hook["entry"] for hook in hooks)


def test_the_container_is_a_debian_that_sets_itself_up() -> None:
    assert re.search(r"^FROM debian:", DOCKERFILE, re.MULTILINE)
    command, *targets = CONTAINER["postCreateCommand"].split()
    assert command == "make"
    assert set(targets) <= TARGETS
    assert f" {CONTAINER['remoteUser']} " in DOCKERFILE


@pytest.mark.parametrize("program", ["git", "make", "python3-venv", "sudo"])
def test_the_container_has_what_setup_takes_for_granted(program: str) -> None:
    assert re.search(rf"\b{program}\b", DOCKERFILE)
