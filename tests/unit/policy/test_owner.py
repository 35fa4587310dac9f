"""Which texts are taken for an e-mail address, by which somebody is looked up."""

import pytest

from shared.policy.owner import MAX_EMAIL_CHARACTERS, is_email


@pytest.mark.parametrize("text", ["hana.sato@example.com", "H+x_y@sub.example.co", f"{'h' * 242}@example.com"])
def test_an_address_is_one(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "hana",
        "@example.com",
        "hana@example",
        "hana sato@example.com",
        "<hana@example.com>",
        "\u212aana@example.com",  # its small letters are those of another address, which it would hide in the cache
        "hana@ex\u0430mple.com",
        f"{'h' * (MAX_EMAIL_CHARACTERS - 11)}@example.com",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not is_email(text)
