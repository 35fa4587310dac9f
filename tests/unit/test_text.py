"""What becomes of text from elsewhere."""

import pytest

from shared.text import excerpt, harmless, masked, quoted


@pytest.mark.parametrize(
    "text", ["", "S3.8", "a\tb\r\nc", "給与バケット（本番）🏯", "👩\u200d👩\u200d👧", "שלום", "naïve"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    "character",
    ["\0", "\x08", "\x1b", "\x7f", "\x9b", "\u061c", "\u200e", "\u202e", "\u2066", "\u2069", "\ud800"],
)
def test_what_a_terminal_obeys_or_turns_the_direction_is_shown_as_a_mark(character: str) -> None:
    assert harmless(f"a{character}b") == "a\ufffdb"
    assert excerpt(ValueError(f"a{character}b")) == "a\ufffdb"
    assert character not in quoted(f"a{character}b")


def test_at_most_two_hundred_characters_are_quoted() -> None:
    assert excerpt("a" * 200) == "a" * 200
    assert excerpt("a" * 201) == "a" * 199 + "…"
    for value in ("a" * 240_000, "\U000e0001" * 240_000, ["a" * 240_000]):
        assert len(quoted(value)) == 200
    assert quoted("S3.1") == "'S3.1'"


@pytest.mark.parametrize(
    ("email", "shown"),
    [("hana.sato@example.com", "h…@example.com"), ("h@example.com", "h…@example.com"), ("@", "…@"), ("", "…@")],
)
def test_of_an_address_the_first_letter_and_the_domain_are_shown(email: str, shown: str) -> None:
    assert masked(email) == shown
