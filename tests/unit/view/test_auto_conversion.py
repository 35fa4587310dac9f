"""What a spreadsheet would make a number, a date, a time or a truth value of, in any of the languages it may speak."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.view.auto_conversion import is_converted
from tests.spreadsheet_texts import CONVERTED, HARMLESS
from tests.unit.wild import texts

LONG = 100_000
SECONDS = 2  # about a hundred times what the slowest needs; quadratic ones would need minutes


def test_a_spreadsheet_would_convert() -> None:
    assert [text for text in CONVERTED if not is_converted(text)] == []


def test_a_spreadsheet_shows_it_as_it_is() -> None:
    assert [text for text in HARMLESS if is_converted(text)] == []


@pytest.mark.parametrize("text", ["3-4", "dec-2024", "123456789012", "TRUE"])
def test_case_spaces_around_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    for variant in (text.upper(), text.lower(), f" {text}\u3000", f"\n{text}", wide):
        assert is_converted(variant)


@given(st.integers().map(str) | st.floats(allow_nan=False, allow_infinity=False).map(str))
def test_every_number_that_is_not_shown_as_written_is_known(text: str) -> None:
    assert is_converted(text) == (not (text.isdecimal() and len(text) <= 8))


@given(st.datetimes(), st.sampled_from(["%Y/%m/%d", "%Y-%m-%d %H:%M", "%d.%m.%Y", "%d-%b-%y", "%b %d, %Y", "%H:%M:%S"]))
def test_every_date_is_known(moment: object, form: str) -> None:
    assert is_converted(format(moment, form))


@given(texts)
def test_what_stands_behind_a_word_is_no_value(text: str) -> None:
    assert not is_converted(f"bucket {text}")


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1,",
        "1 ",
        "-",
        "-1",
        "(",
        "1:",
        "1 234",
        ".234",
        "mar",
        "1-mar",
        "1.",
        " ",
        "年",
        "a",
        "１",
        "1e",
        "$",
        "aé",
    ],
)
@pytest.mark.parametrize("end", ["", "x", "="])
def test_a_long_text_is_judged_in_linear_time(unit: str, end: str) -> None:
    text = unit * (LONG // len(unit)) + end
    began = time.perf_counter()
    is_converted(text)
    is_converted(f"1{text}")
    assert time.perf_counter() - began < SECONDS
