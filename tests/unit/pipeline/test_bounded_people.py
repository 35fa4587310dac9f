"""A digest looks up no more people than alerts can spare, and each once."""

from collections.abc import Callable

import pytest

from shared.pipeline.bounded_people import MOST_LOOKED_UP, BoundedPeople
from shared.policy.owner import Person, Ring

KNOWN = Person(ring=Ring.RUNG, user_id="U0000HANA1")
UNAVAILABLE = Person(ring=Ring.UNAVAILABLE)


@pytest.fixture
def asked() -> list[str]:
    return []


def answering(asked: list[str], answer: Person) -> Callable[[str], Person]:
    def ask(email: str) -> Person:
        asked.append(email)
        return answer

    return ask


def test_each_address_is_looked_up_once(asked: list[str]) -> None:
    people = BoundedPeople(answering(asked, KNOWN), lambda: 60)
    assert [people.find(email) for email in ("a@example.com", "A@example.com", "a@example.com")] == [KNOWN] * 3
    assert asked == ["a@example.com"]


def test_whom_there_is_no_room_to_look_up_is_not_called_unknown(asked: list[str]) -> None:
    people = BoundedPeople(answering(asked, Person(ring=Ring.UNKNOWN)), lambda: 60)
    rings = [people.find(f"{number}@example.com").ring for number in range(MOST_LOOKED_UP + 2)]
    assert rings == [Ring.UNKNOWN] * MOST_LOOKED_UP + [Ring.UNAVAILABLE] * 2
    assert len(asked) == MOST_LOOKED_UP


def test_once_slack_does_not_answer_nobody_else_is_looked_up(asked: list[str]) -> None:
    people = BoundedPeople(answering(asked, UNAVAILABLE), lambda: 60)
    assert [people.find(email) for email in ("a@example.com", "b@example.com")] == [UNAVAILABLE] * 2
    assert asked == ["a@example.com"]


def test_once_the_time_is_up_nobody_else_is_looked_up(asked: list[str]) -> None:
    assert BoundedPeople(answering(asked, KNOWN), lambda: 0).find("a@example.com") == UNAVAILABLE
    assert asked == []
