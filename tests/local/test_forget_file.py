"""The archive's files of a stack with routes, written anew without a person."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from local.forget.file import write_without
from local.forget.person import Person
from shared.digest.fate import Away, Fate
from shared.digest.memory import Gone, Memory, Placed, write_memory
from shared.digest.open_list import OpenList
from shared.digest.placement import Exemption, Placement, Standing
from shared.finding.violation_json import encode
from tests.findings import violation

ALICE = "alice@example.com"
SINCE = datetime(2026, 11, 24, tzinfo=UTC)
HERE = Placement(standing=Standing.OPEN, channel="C0000TEAMA1", owners=(ALICE, "team-a"), unknown=(ALICE,))


def tagged(number: int, owner: str) -> list[dict[str, object]]:
    return [{"Id": f"arn:aws:s3:::bucket-{number}", "Type": "AwsS3Bucket", "Tags": {"owner": owner}}]


def test_what_a_digest_remembers_of_channels_is_kept_without_the_person(tmp_path: Path) -> None:
    hers, theirs = (violation(number, Resources=tagged(number, who)) for number, who in ((1, ALICE), (2, "bob")))
    named = violation("alice@example.com")
    away = Away(violation=hers, fate=Fate.UNDECIDED, since=SINCE)
    lines: list[tuple[str | Gone | Away, Placement | None]] = [
        (encode(hers), HERE),
        (away, HERE),
        (encode(theirs), HERE),
        (encode(named), HERE),
    ]
    write_memory(tmp_path / "memory.jsonl.gz", lines, lists_all=True, hidden={}, is_placed=True)
    target = tmp_path / "written.jsonl.gz"
    assert write_without(Person(ALICE), "digests/memory.jsonl.gz", tmp_path / "memory.jsonl.gz", target)
    entries = list(Memory(target).entries())
    assert [type(entry) for entry in entries] == [Placed] * 3  # what is named after her can't be found again
    assert ALICE not in str(entries)
    assert "bob" in str(entries)


def test_a_list_that_waits_for_its_channels_is_kept_without_the_person(tmp_path: Path) -> None:
    with closing(OpenList(tmp_path / "channels.sqlite")) as open_list:
        open_list.add(violation(1, Resources=tagged(1, ALICE)))
        exemption = Exemption(what="S3.8", reason=f"asked by {ALICE}", until="2027-03-31")
        open_list.place([(violation(1).key, HERE)], [exemption])
    target = tmp_path / "written.sqlite"
    assert write_without(Person(ALICE), "work/channels.sqlite", tmp_path / "channels.sqlite", target)
    assert ALICE.encode() not in target.read_bytes()
    with closing(OpenList(target)) as written:
        (row,) = written.section("C0000TEAMA1").rows()
        assert row.placement
        assert row.placement.owners == ("forgotten, team-a",)
        assert written.exemptions[0].until == "2027-03-31"
