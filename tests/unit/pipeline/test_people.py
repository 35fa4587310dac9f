"""Whom Slack is asked about, how often, and what an alert never waits for."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import ShiraseError, SlackError, TokenUnavailableError
from shared.pipeline.patience import Patience
from shared.pipeline.people import People, owner_key
from shared.policy.owner import Person, Ring
from shared.slack.directory import Directory
from shared.telemetry import Telemetry
from tests.unit.pipeline.lookups import Lookups

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
HANA, BOB = "hana.sato@example.com", "bob@example.com"
RUNG = Person(ring=Ring.RUNG, user_id="U0HANA0001")
BOT = Person(ring=Ring.BOT, user_id="U0ROBOT001")
NOBODY, UNAVAILABLE = Person(ring=Ring.UNKNOWN), Person(ring=Ring.UNAVAILABLE)


class Slack(Directory):
    """Answers every question alike."""

    def __init__(self, answer: Person | ShiraseError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def find(self, email: str) -> Person:
        self.asked.append(email)
        if isinstance(self.answer, ShiraseError):
            raise self.answer
        return self.answer


def refusal(reason: str, retry_after: float | None = None, *, is_final: bool = True) -> SlackError:
    return SlackError(f"Slack refuses: {reason}", reason=reason, retry_after=retry_after, is_final=is_final)


def people(slack: Slack, lookups: Lookups | None = None, patience: Patience | None = None) -> People:
    cache = (lookups or Lookups()).cache()
    return People(directory=slack, cache=cache, patience=patience or Patience(2), telemetry=Telemetry())


@pytest.mark.parametrize(("person", "hours"), [(RUNG, 24), (BOT, 24), (NOBODY, 6)])
def test_what_slack_said_counts_for_its_time_in_every_process(person: Person, hours: int) -> None:
    slack, lookups = Slack(person), Lookups()
    for later in (0, 1, hours - 0.01):
        at = NOW + timedelta(hours=later)
        assert {people(slack, lookups).find(email, at) for email in (HANA, HANA.upper())} == {person}
    assert slack.asked == [HANA]
    assert people(slack, lookups).find(HANA, NOW + timedelta(hours=hours)) == person
    assert len(slack.asked) == 2


def test_the_table_keeps_no_address() -> None:
    lookups = Lookups()
    people(Slack(RUNG), lookups).find(HANA, NOW)
    assert "hana.sato" not in str(lookups.items).lower()
    assert list(lookups.items) == [owner_key(HANA)]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (refusal("ratelimited", 30, is_final=False), 30),
        (refusal("unreachable", is_final=False), 60),
        (refusal("invalid_auth", is_final=False), 60),
        (refusal("missing_scope"), 3600),
        (TokenUnavailableError("no token just now"), 60),
    ],
)
def test_after_a_failure_nobody_is_asked_about_for_a_while_and_it_is_told_once(
    error: ShiraseError, seconds: int, caplog: pytest.LogCaptureFixture
) -> None:
    slack = Slack(error)
    found = people(slack)
    for number in range(100):
        assert found.find(f"person-{number}@example.com", NOW + timedelta(seconds=seconds - 1)) == UNAVAILABLE
    assert len(slack.asked) == 1
    (record,) = caplog.records
    assert (record.levelname, record.__dict__["owner"]) == ("WARNING", "p…@example.com")
    slack.answer = RUNG
    assert found.find(BOB, NOW + timedelta(seconds=2 * seconds - 1)) == RUNG


def test_an_address_that_slack_does_not_take_says_nothing_of_others() -> None:
    slack, lookups = Slack(refusal("invalid_arguments")), Lookups()
    found = people(slack, lookups)
    assert found.find(HANA, NOW) == UNAVAILABLE
    slack.answer = RUNG
    assert found.find(BOB, NOW) == RUNG
    assert people(slack, lookups).find(HANA, NOW + timedelta(minutes=59)) == UNAVAILABLE
    assert found.find(HANA, NOW + timedelta(minutes=60)) == RUNG


def test_a_table_that_neither_gives_nor_takes_is_done_without() -> None:
    slack, lookups = Slack(RUNG), Lookups(is_down=True)
    found = people(slack, lookups)
    assert [found.find(HANA, NOW) for _ in range(2)] == [RUNG, RUNG]
    assert slack.asked == [HANA]


def test_one_alert_waits_for_ten_owners_no_longer_than_it_has_patience() -> None:
    ticks = iter(range(100))  # a second passes between two looks at the clock
    slack = Slack(RUNG)
    found = people(slack, patience=Patience(2, lambda: next(ticks)))
    first = [found.find(f"person-{number}@example.com", NOW) for number in range(10)]
    assert first == [RUNG] * 2 + [UNAVAILABLE] * 8
    later = NOW + timedelta(seconds=1)
    assert [found.find(f"person-{number}@example.com", later) for number in range(4)] == [RUNG] * 4
    assert len(slack.asked) == 4
