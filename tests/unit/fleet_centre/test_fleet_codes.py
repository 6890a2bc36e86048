"""A code is good once, for an hour, and for five tries."""

from datetime import UTC, datetime, timedelta

import pytest

from calmloop.fleet_centre.codes import (
    MAX_TRIES,
    VALID,
    KeptCode,
    OneTimeCode,
    code_fits,
    new_code,
    parsed_code,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CODE = OneTimeCode("AB2C", "DEFGHJKLMNPQ")
KEPT = KeptCode("chair-7", CODE.digest, NOW + VALID, 0)


def test_a_code_is_read_however_a_person_types_it() -> None:
    assert CODE.written == "AB2C-DEFG-HJKL-MNPQ"
    for typed in (CODE.written, "ab2cdefghjklmnpq", " AB2C defg-HJKL mnpq "):
        assert parsed_code(typed) == CODE


@pytest.mark.parametrize("typed", ["", "AB2C", "AB2C-DEFG-HJKL-MNP0", "A" * 17, "ä" * 16])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert parsed_code(typed) is None


def test_codes_are_at_random_and_are_read_as_they_are_written() -> None:
    codes = [new_code() for _ in range(50)]
    assert len({code.secret for code in codes}) == 50
    assert [parsed_code(code.written) for code in codes] == codes


def test_a_code_fits_until_it_is_over_and_after_five_wrong_ones_never() -> None:
    assert code_fits(KEPT, CODE, NOW)
    assert not code_fits(KEPT, CODE, NOW + VALID)
    assert code_fits(KEPT, CODE, NOW + VALID - timedelta(seconds=1))
    assert not code_fits(KEPT._replace(failed=MAX_TRIES), CODE, NOW)


def test_another_secret_does_not_fit_and_neither_does_one_that_nobody_has() -> None:
    assert not code_fits(KEPT, CODE._replace(secret="DEFGHJKLMNPR"), NOW)
    assert not code_fits(None, CODE, NOW)
    assert CODE.secret.encode() not in KEPT.digest
