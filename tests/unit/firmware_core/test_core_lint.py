"""`make lint` fails for each kind of fault in the C, each put in on purpose."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.firmware_core.binding import FIRMWARE

HEADER = """\
#ifndef CALMLOOP_HALF_H
#define CALMLOOP_HALF_H

#include <stdint.h>

uint32_t half_of(uint32_t whole);

#endif
"""
SOURCE = """\
#include "half.h"

uint32_t half_of(uint32_t whole)
{
    return whole / 2u;
}
"""
USER = """\
#include "half.h"

uint32_t quarter_of(uint32_t whole);

uint32_t quarter_of(uint32_t whole)
{
    return half_of(half_of(whole));
}
"""
AGAIN = """\

uint32_t half_of(uint32_t whole)
{
    return whole;
}
"""
NULL_FOLLOWED = """\
#include "half.h"

#include <stddef.h>

static const uint32_t *one_or_none(uint32_t whole)
{
    static const uint32_t ONE = 1u;

    return (whole > 3u) ? NULL : &ONE;
}

uint32_t half_of(uint32_t whole)
{
    return *one_or_none(whole) + *one_or_none(4u);
}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("cppcheck") is None or shutil.which("clang-format") is None,
    reason="make lint installs cppcheck and clang-format",
)


def lint(folder: Path, *, source: str = SOURCE, user: str = USER) -> tuple[int, str]:
    """What `make lint` says of three files in place of the core's and the chip's."""
    texts = {"half.h": HEADER, "half.c": source, "quarter.c": user}
    for name, text in texts.items():
        (folder / name).write_text(text)
    sources = f"{folder}/half.c {folder}/quarter.c"
    done = subprocess.run(
        [
            "make",
            f"--directory={FIRMWARE}",
            "lint",
            f"CORE={sources}",
            f"CHECKED={sources}",
            f"CORE_HEADERS={folder}/half.h",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_as_it_should_be_passes(tmp_path: Path) -> None:
    code, said = lint(tmp_path)
    assert code == 0, said


def test_a_line_that_is_not_in_the_style_fails(tmp_path: Path) -> None:
    code, said = lint(tmp_path, source=SOURCE.replace("whole / 2u", "whole/2u"))
    assert code != 0
    assert "clang-format-violations" in said


def test_a_breach_of_misra_in_one_file_fails(tmp_path: Path) -> None:
    code, said = lint(tmp_path, source="#include <stdio.h>\n" + SOURCE)
    assert code != 0
    assert "misra-c2012-21.6" in said


def test_a_breach_of_misra_that_only_two_files_show_fails(tmp_path: Path) -> None:
    code, said = lint(tmp_path, user=USER + AGAIN)
    assert code != 0
    assert "misra-c2012-8.6" in said


def test_a_path_that_follows_a_null_pointer_fails(tmp_path: Path) -> None:
    code, said = lint(tmp_path, source=NULL_FOLLOWED)
    assert code != 0
    assert "-Werror=analyzer-null-dereference" in said
