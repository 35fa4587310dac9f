"""Which routes count while their file is written, broken, mended and out of reach."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.aws.settings import LARGEST_FILE, SettingsFile, SettingsVersion
from shared.errors import SettingsError
from shared.pipeline.routes_in_use import RoutesInUse
from shared.policy.route_file import MAX_OBJECT_BYTES, parse_routes
from shared.policy.routes import Routes
from shared.telemetry import Telemetry

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
GOOD = SettingsVersion(tag='"1"', content=json.dumps({"version": 1, "default": {"channel": "C0000000007"}}).encode())
BETTER = SettingsVersion(tag='"2"', content=json.dumps({"version": 1, "default": {"channel": "C0000000008"}}).encode())
WRONG = SettingsVersion(tag='"3"', content=json.dumps({"version": 7, "default": {"channel": "#security"}}).encode())
NO_JSON = SettingsVersion(tag='"4"', content=b"version: 1")
NESTED = SettingsVersion(tag='"5"', content=b"[" * 200_000)
NONE = SettingsVersion()
OUT_OF_REACH = SettingsError("settings/routes.json can't be read: SlowDown")


class Bucket(SettingsFile):
    """A file that is read as these say, one after the other, the last one again and again."""

    def __init__(self, *reads: SettingsVersion | SettingsError) -> None:
        self.versions: list[SettingsVersion | SettingsError] = []
        self._reads = list(reads)
        self.known: list[SettingsVersion] = []

    def earlier(self) -> Iterator[SettingsVersion]:
        for version in self.versions:
            if isinstance(version, SettingsError):
                raise version
            yield version

    def read(self, known: SettingsVersion) -> SettingsVersion:
        self.known.append(known)
        found = self._reads.pop(0) if len(self._reads) > 1 else self._reads[0]
        if isinstance(found, SettingsError):
            raise found
        return known if known == found else found


class Recorder(Telemetry):
    def __init__(self) -> None:
        super().__init__()
        self.counted: list[str] = []

    def count(self, metric: str) -> None:
        self.counted.append(metric)


class Reading:
    """Routes in use, read at so many seconds."""

    def __init__(self, *reads: SettingsVersion | SettingsError) -> None:
        self.bucket, self.telemetry = Bucket(*reads), Recorder()
        self._routes = RoutesInUse(file=self.bucket, parse=parse_routes, telemetry=self.telemetry)

    def at(self, seconds: float) -> str | None:
        """The default channel by then."""
        routes: Routes | None = self._routes.read(NOW + timedelta(seconds=seconds))
        return routes.routing.default_channel if routes else None

    @property
    def refusals(self) -> int:
        return self.telemetry.counted.count("SettingsRefused")


def logged(caplog: pytest.LogCaptureFixture, message: str) -> int:
    return sum(record.getMessage() == message for record in caplog.records)


def test_without_a_file_or_a_bucket_there_are_no_routes_and_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    reading = Reading(NONE)
    assert [reading.at(seconds) for seconds in (0, 61)] == [None, None]
    assert RoutesInUse(file=None, parse=parse_routes, telemetry=Recorder()).read(NOW) is None
    assert (reading.telemetry.counted, caplog.records) == ([], [])


def test_a_file_that_is_replaced_under_a_warm_function_counts_within_a_minute() -> None:
    reading = Reading(GOOD, BETTER)
    assert [reading.at(seconds) for seconds in (0, 30, 59, 60)] == [*["C0000000007"] * 3, "C0000000008"]
    assert reading.bucket.known == [NONE, GOOD]


def test_a_file_that_is_taken_away_counts_no_longer() -> None:
    reading = Reading(GOOD, NONE, BETTER)
    assert [reading.at(seconds) for seconds in (0, 60, 120)] == ["C0000000007", None, "C0000000008"]


@pytest.mark.parametrize("bad", [WRONG, NO_JSON, NESTED, OUT_OF_REACH], ids=["wrong", "no JSON", "nested", "S3"])
def test_while_a_file_is_refused_the_last_good_one_counts(bad: SettingsVersion | SettingsError) -> None:
    reading = Reading(GOOD, bad, bad, BETTER)
    assert [reading.at(seconds) for seconds in (0, 60, 120, 180)] == [*["C0000000007"] * 3, "C0000000008"]
    assert reading.refusals == 2


def test_who_has_seen_no_good_file_does_without_and_soon_tries_again() -> None:
    reading = Reading(OUT_OF_REACH, GOOD)
    assert [reading.at(seconds) for seconds in (0, 9, 10)] == [None, None, "C0000000007"]


@pytest.mark.parametrize(
    ("versions", "channel"),
    [([GOOD], "C0000000007"), ([NO_JSON, BETTER, GOOD], "C0000000008"), ([], None), ([OUT_OF_REACH], None)],
)
def test_a_process_that_has_seen_no_good_file_looks_for_the_last_good_one(
    versions: list[SettingsVersion | SettingsError], channel: str | None
) -> None:
    reading = Reading(WRONG, WRONG, WRONG, BETTER)
    reading.bucket.versions = versions
    assert [reading.at(60 * minute) for minute in range(4)] == [*[channel] * 3, "C0000000008"]
    assert reading.refusals == 3


def test_the_log_shows_little_of_a_refused_file_and_no_address(caplog: pytest.LogCaptureFixture) -> None:
    wrong = {"email": f"hana.sato@@example.com{'x' * 300}"}
    owners = {f"hana-{number}.sato@example.com": wrong for number in range(900)}
    content = json.dumps({"version": 1, "default": {"channel": "C0000000007"}, "owners": owners})
    Reading(SettingsVersion(tag='"6"', content=content.encode())).at(0)
    (told,) = (record.__dict__ for record in caplog.records if record.getMessage() == "routes refused")
    assert told["count"] >= 900
    assert len(str(told["problems"])) < 25_000
    assert "sato" not in str(told)


def test_a_refused_file_is_told_once_with_all_that_is_wrong_and_counted_as_long_as_it_is_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading = Reading(WRONG, WRONG, WRONG, NO_JSON, GOOD, WRONG)
    for minute in range(6):
        for second in (0, 1, 2):
            reading.at(60 * minute + second)
    assert reading.refusals == 5
    told = [record.__dict__["problems"] for record in caplog.records if record.getMessage() == "routes refused"]
    assert [len(problems) for problems in told] == [2, 1, 2]
    assert "#security" in str(told[0])
    assert logged(caplog, "routes read") == 1


def test_a_good_file_is_taken_again_after_s3_was_out_of_reach(caplog: pytest.LogCaptureFixture) -> None:
    reading = Reading(GOOD, OUT_OF_REACH, GOOD, GOOD)
    assert [reading.at(60 * minute) for minute in range(4)] == ["C0000000007"] * 4
    assert (reading.refusals, logged(caplog, "routes refused")) == (1, 1)


def test_a_parser_that_fails_stops_no_alert() -> None:
    def fail(_: object) -> Routes:
        raise TypeError("unexpected")

    assert RoutesInUse(file=Bucket(GOOD), parse=fail, telemetry=Recorder()).read(NOW) is None


def test_as_much_is_read_as_may_be_written() -> None:
    assert LARGEST_FILE == MAX_OBJECT_BYTES
