"""What a page says is done to the copy, or the page is found to be wrong."""

from pathlib import Path

import pytest

from tests.unit.docs.steps import Scratch, files_of


def page(folder: Path, *blocks: str) -> Path:
    path = folder / "page.md"
    path.write_text("Read on.\n\n" + "\n".join(f"```{block}```\n" for block in blocks))
    return path


def test_a_block_with_a_title_is_a_new_file(scratch: Scratch, tmp_path: Path) -> None:
    scratch.follow(page(tmp_path, 'yaml title="a/b.yaml"\none: 1\n'))
    assert (scratch.root / "a/b.yaml").read_text() == "one: 1\n"


def test_a_diff_changes_each_place(scratch: Scratch, tmp_path: Path) -> None:
    (scratch.root / "f").write_text("one\n\ntwo\nthree\n")
    change = 'diff title="f"\n one\n\n+and a half\n two\n@@\n-three\n+four\n'
    scratch.follow(page(tmp_path, change))
    assert (scratch.root / "f").read_text() == "one\n\nand a half\ntwo\nfour\n"


def test_a_diff_of_new_lines_alone_goes_to_the_end(scratch: Scratch, tmp_path: Path) -> None:
    (scratch.root / "f").write_text("one\n")
    scratch.follow(page(tmp_path, 'diff title="f"\n+two\n'))
    assert (scratch.root / "f").read_text() == "one\ntwo\n"


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ('python title="README.md"\nx\n', "README.md is there already"),
        ('diff title="f"\n none\n+x\n', "holds this 0 times"),
        ('diff title="f"\n one\n+x\n', "holds this 2 times"),
        ("sh\necho no >&2; exit 3\n", "exit code 3"),
        ("sh\nfalse | true\n", "exit code 1"),
        ("sh\necho more >>README.md\n", r"this changes \['README.md'\], which no step names"),
        ("sh\nrm LICENSE; touch new\n", r"this changes \['LICENSE', 'new'\]"),
    ],
)
def test_a_step_that_cannot_be_done_is_told(
    scratch: Scratch, tmp_path: Path, block: str, why: str
) -> None:
    (scratch.root / "f").write_text("one\none\n")
    with pytest.raises(AssertionError, match=why):
        scratch.follow(page(tmp_path, block))


def test_commands_run_the_code_of_the_copy(scratch: Scratch, tmp_path: Path) -> None:
    (scratch.root / "shared/src/calmloop/added.py").write_text("print(__file__)\n")
    said = scratch.follow(page(tmp_path, "sh\npython -m calmloop.added\n"))
    assert said.strip() == str(scratch.root / "shared/src/calmloop/added.py")


def test_the_files_of_a_page_are_counted_once_and_without_tests(tmp_path: Path) -> None:
    blocks = ['python title="a"\n', 'diff title="a"\n', 'diff title="b"\n', "sh\nls\n"]
    written = page(tmp_path, *blocks, 'python title="tests/t.py"\n')
    assert files_of(written) == ["a", "b"]


def test_what_obeys_the_new_thing_is_not_counted(tmp_path: Path) -> None:
    written = page(tmp_path, 'diff title="a"\n')
    written.write_text(written.read_text() + '\n## Use it\n\n```diff title="b"\n```\n')
    assert files_of(written) == ["a"]
