"""The list of open violations while a digest is made."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from shared.digest.fate import Absent, Away, Fate
from shared.digest.hidden import Hiding
from shared.digest.memory import Gone, Memory, Placed, write_memory
from shared.digest.open_list import OpenList
from shared.digest.placement import Exemption, Placement, Standing
from shared.digest.summary import UnknownOwner
from shared.finding.violation import Severity, Violation, fingerprint
from shared.finding.violation_json import decode, encode
from tests.findings import ABSENT, resource, violation
from tests.unit.wild import examples, violations

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "standards/cis-aws-foundations-benchmark/v/5.0.0"


@pytest.fixture
def open_list(tmp_path: Path) -> Iterator[OpenList]:
    with closing(OpenList(tmp_path / "list.sqlite")) as open_list:
        yield open_list


def of_standard(standard_id: str) -> Violation:
    return violation(Id=standard_id, **{"Compliance.AssociatedStandards": [{"StandardsId": standard_id}]})


def listed(open_list: OpenList) -> list[Violation]:
    return [decode(row.content) for row in open_list.section().rows()]


def test_the_same_violation_is_listed_once_with_all_standards(open_list: OpenList) -> None:
    for standard in (FSBP, CIS, FSBP):
        open_list.add(of_standard(standard))
    (found,) = listed(open_list)
    assert len(found.standards) == 2
    assert len(open_list) == 1


def test_the_worst_stand_first(open_list: OpenList) -> None:
    for name in Severity.__members__:
        open_list.add(violation(Id=name, AwsAccountId=name, **{"Severity.Label": name}))
    assert [one.severity for one in listed(open_list)] == sorted(Severity, reverse=True)


def test_the_order_is_the_same_however_the_findings_come(tmp_path: Path) -> None:
    found = [
        *(of_standard(standard) for standard in (FSBP, CIS)),
        *(violation(Region=region, Resources=[resource("i-1")]) for region in ("eu-west-1", "us-east-1")),
        violation(AwsAccountId="444455556666"),
        violation(**{"Compliance.SecurityControlId": "EC2.7"}),
    ]
    orders = []
    for name, given_order in (("there", found), ("back", found[::-1])):
        with closing(OpenList(tmp_path / name)) as open_list:
            for one in given_order:
                open_list.add(one)
            orders.append(listed(open_list))
    assert orders[0] == orders[1]
    assert len(orders[0]) == 5


@examples(50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(violations())
def test_a_violation_that_was_put_aside_is_the_same_when_read_again(found: Violation) -> None:
    assert decode(encode(found)) == found


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"severity": 9}', "null"])
def test_anything_else_is_no_violation(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(text)


def test_a_list_that_was_closed_goes_on_where_it_ended(tmp_path: Path) -> None:
    with closing(OpenList(tmp_path / "list.sqlite")) as before:
        before.add(of_standard(FSBP))
        before.note("position", {"next_token": "abc"})
    with closing(OpenList(tmp_path / "list.sqlite")) as after:
        after.add(of_standard(CIS))
        assert len(after) == 1
        assert len(listed(after)[0].standards) == 2
        assert after.noted("position") == {"next_token": "abc"}
        assert after.noted("nothing") is None


def test_another_file_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "list.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(ValueError, match="is no list of violations"):
        OpenList(tmp_path / "list.sqlite")


def test_what_the_last_digest_knew_is_told_beside_each_violation(open_list: OpenList) -> None:
    same, other = violation(), violation(AwsAccountId="444455556666")
    back = violation(AwsAccountId="777788889999")
    for one in (same, other, back):
        open_list.add(one)
    missing = violation(AwsAccountId="000011112222")
    still_gone = Gone(key="elsewhere", since=SINCE)
    open_list.remember([same, missing, Gone(key=back.key, since=SINCE), still_gone])
    known = {decode(row.content).account_id: row.listed for row in open_list.section().rows()}
    assert known[other.account_id] is None
    assert (known[same.account_id], known[back.account_id]) != (None, None)
    assert [one and one.has_ended for one in known.values()] == [False, None, True]
    assert [one.violation for one in open_list.section().absent()] == [missing]
    assert list(open_list.still_gone()) == [still_gone]


def test_what_became_of_what_is_not_listed_is_kept_beside_what_was_known(open_list: OpenList) -> None:
    plain, undecided, back = (violation(number) for number in (1, 2, 3))
    before = Away(violation=undecided, fate=Fate.UNDECIDED, since=SINCE)
    open_list.remember([plain, before, Away(violation=back, fate=Fate.PASSED, since=SINCE)])
    assert open_list.next_unlisted("", 2) == [plain, undecided]
    assert open_list.next_unlisted(undecided.key, 2) == [back]
    open_list.add(back)
    assert open_list.next_unlisted(undecided.key, 2) == []
    open_list.answer(undecided.key, Fate.SUPPRESSED, is_passed_on=True)
    assert list(open_list.section().absent()) == [
        Absent(violation=plain, fate=None, is_passed_on=False, before=None),
        Absent(violation=undecided, fate=Fate.SUPPRESSED, is_passed_on=True, before=before),
    ]
    (row,) = open_list.section().rows()
    assert row.listed
    assert row.listed.has_ended


def test_all_findings_of_a_violation_are_known(open_list: OpenList) -> None:
    for standard in (FSBP, CIS, FSBP):
        open_list.add(of_standard(standard))
    (found,) = listed(open_list)
    assert sorted(found.finding_ids) == sorted([FSBP, CIS])


def test_what_two_findings_say_is_lowered_only_if_both_are_below_what_a_check_says(open_list: OpenList) -> None:
    lowered = {"Severity.Label": "LOW", "FindingProviderFields.Severity.Label": "CRITICAL"}
    open_list.add(violation(1, Id="a", **lowered))
    open_list.add(violation(1, Id="b", **{"FindingProviderFields.Severity.Label": "HIGH"}))
    open_list.add(violation(2, Id="c", **lowered))
    open_list.add(violation(2, Id="d", **lowered | {"Severity.Label": "CRITICAL"}))
    open_list.add(violation(3, FindingProviderFields=ABSENT))
    open_list.hide_lowered(10)
    assert open_list.hidden(Hiding.LOWERED) == [fingerprint(violation(1).key)]


def test_what_is_saved_is_there_for_the_next_part_and_the_list_stays_open(tmp_path: Path) -> None:
    with closing(OpenList(tmp_path / "list.sqlite")) as open_list:
        open_list.hide(Hiding.SUPPRESSED, [violation(1)])
        open_list.save()
        (tmp_path / "part.sqlite").write_bytes((tmp_path / "list.sqlite").read_bytes())
        open_list.add(violation(2))
    with closing(OpenList(tmp_path / "part.sqlite")) as part:
        assert (len(part), part.hidden_count(Hiding.SUPPRESSED)) == (0, 1)


def test_what_ends_in_an_error_was_never_known(open_list: OpenList) -> None:
    def broken() -> Iterator[Violation]:
        yield violation()
        raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        open_list.remember(broken())
    assert list(open_list.section().absent()) == []


def test_what_a_digest_remembers_is_what_the_next_one_reads(tmp_path: Path) -> None:
    twice_reported = replace(violation(), other_findings=("another",))
    away = Away(violation=twice_reported, fate=Fate.UNDECIDED, since=SINCE)
    entries: list[Violation | Gone | Away] = [
        *(violation(), replace(violation(), title="公開バケット\n2 行目"), twice_reported),
        *(Gone(key="公開/1", since=SINCE), away),
    ]
    written = [(encode(one) if isinstance(one, Violation) else one, None) for one in entries]
    hidden = {Hiding.SUPPRESSED: ["0123456789abcdef"], Hiding.LOWERED: []}
    write_memory(tmp_path / "memory", written, lists_all=True, hidden=hidden)
    memory = Memory(tmp_path / "memory")
    assert (memory.lists_all, memory.hidden) == (True, hidden)
    assert list(memory.entries()) == entries


def test_where_each_was_told_is_remembered_where_there_are_routes(tmp_path: Path, open_list: OpenList) -> None:
    away = Away(violation=violation(2), fate=Fate.UNDECIDED, since=SINCE)
    here, accepted = (
        Placement(standing=Standing.OPEN, channel="C1"),
        Placement(standing=Standing.ACCEPTED, channel="C1"),
    )
    written: list[tuple[str | Gone | Away, Placement | None]] = [(encode(violation(1)), here), (away, accepted)]
    write_memory(tmp_path / "memory", written, lists_all=True, hidden={}, is_placed=True)
    entries = list(Memory(tmp_path / "memory").entries())
    assert entries == [Placed(entry=violation(1), placement=here), Placed(entry=away, placement=accepted)]
    open_list.remember(entries)
    assert open_list.placed_before(violation(1).key) == here
    assert open_list.placed_before(violation(2).key) == accepted
    assert open_list.placed_before(violation(3).key) is None


def test_a_memory_without_routes_is_one_that_the_release_before_can_read(tmp_path: Path) -> None:
    write_memory(tmp_path / "memory", [(encode(violation()), None)], lists_all=True, hidden={})
    header, line = gzip.decompress((tmp_path / "memory").read_bytes()).decode().splitlines()
    assert json.loads(header)["schema"] == 2
    assert decode(line) == violation()


def test_what_the_queue_did_not_take_counts_as_accepted_until_the_next_digest(open_list: OpenList) -> None:
    open_list.add(violation(1))
    was = Placement(standing=Standing.ACCEPTED, channel="C1")
    open_list.remember([Placed(entry=violation(1), placement=was)])
    open_list.place([(violation(1).key, Placement(standing=Standing.OPEN, channel="C1"))], [])
    assert list(open_list.told_again()) == [violation(1)]
    assert [placement and placement.standing for _, placement in open_list.contents()] == [Standing.OPEN]
    open_list.keep_accepted()
    assert [placement and placement.standing for _, placement in open_list.contents()] == [Standing.ACCEPTED]


def test_a_section_has_what_is_told_in_its_channel(open_list: OpenList) -> None:
    for number in range(5):
        open_list.add(violation(number))
    places = [
        *(Placement(standing=Standing.OPEN, channel=channel, unknown=("ghost",)) for channel in ("C1", "C1", "C2")),
        Placement(standing=Standing.ACCEPTED, channel="C1", acceptance=0),
        Placement(standing=Standing.DROPPED, channel=None),
    ]
    keys = [violation(number).key for number in range(5)]
    open_list.place(zip(keys, places, strict=True), [Exemption(what="*", reason="ours", until="2027-03-31")])
    assert [sum(open_list.section(channel).counts().values()) for channel in (None, "C1", "C2", "C3")] == [3, 2, 1, 0]
    assert [open_list.section(channel).accepted() for channel in (None, "C1", "C2")] == [{0: 1}, {0: 1}, {}]
    assert open_list.section().count(Standing.DROPPED) == 1
    assert open_list.section("C1").unknown_owners(5) == (UnknownOwner(name="ghost", count=2),)
    assert open_list.channels() == {"C1": 2, "C2": 1}


@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(violations(), max_size=5))
def test_whatever_the_texts_the_list_tells_them_as_they_are(tmp_path: Path, found: list[Violation]) -> None:
    (tmp_path / "wild.sqlite").unlink(missing_ok=True)
    with closing(OpenList(tmp_path / "wild.sqlite")) as open_list:
        for one in found:
            open_list.add(one)
        assert len(open_list) == len({one.key for one in found}) == len(listed(open_list))
        assert sum(open_list.section().counts().values()) == len(open_list)
        assert open_list.section().control_count() == len({one.control_id for one in found})
        open_list.remember(found)
        assert list(open_list.section().absent()) == []
