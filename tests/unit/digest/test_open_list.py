"""The list of open violations while a digest is made."""

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
from shared.digest.memory import Gone, Memory, write_memory
from shared.digest.open_list import OpenList
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
    return [decode(content) for content, _ in open_list.listed()]


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
    known = {decode(content).account_id: known for content, known in open_list.listed()}
    assert known[other.account_id] is None
    assert (known[same.account_id], known[back.account_id]) != (None, None)
    assert [one and one.has_ended for one in known.values()] == [False, None, True]
    assert [one.violation for one in open_list.no_longer_listed()] == [missing]
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
    assert list(open_list.no_longer_listed()) == [
        Absent(violation=plain, fate=None, is_passed_on=False, before=None),
        Absent(violation=undecided, fate=Fate.SUPPRESSED, is_passed_on=True, before=before),
    ]
    ((_, known),) = open_list.listed()
    assert known
    assert known.has_ended


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
    assert list(open_list.no_longer_listed()) == []


def test_what_a_digest_remembers_is_what_the_next_one_reads(tmp_path: Path) -> None:
    twice_reported = replace(violation(), other_findings=("another",))
    away = Away(violation=twice_reported, fate=Fate.UNDECIDED, since=SINCE)
    entries = [
        *(violation(), replace(violation(), title="公開バケット\n2 行目"), twice_reported),
        *(Gone(key="公開/1", since=SINCE), away),
    ]
    written = [encode(one) if isinstance(one, Violation) else one for one in entries]
    hidden = {Hiding.SUPPRESSED: ["0123456789abcdef"], Hiding.LOWERED: []}
    write_memory(tmp_path / "memory", written, lists_all=True, hidden=hidden)
    memory = Memory(tmp_path / "memory")
    assert (memory.lists_all, memory.hidden) == (True, hidden)
    assert list(memory.entries()) == entries


@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(violations(), max_size=5))
def test_whatever_the_texts_the_list_tells_them_as_they_are(tmp_path: Path, found: list[Violation]) -> None:
    (tmp_path / "wild.sqlite").unlink(missing_ok=True)
    with closing(OpenList(tmp_path / "wild.sqlite")) as open_list:
        for one in found:
            open_list.add(one)
        assert len(open_list) == len({one.key for one in found}) == len(listed(open_list))
        assert sum(open_list.counts().values()) == len(open_list)
        assert open_list.control_count() == len({one.control_id for one in found})
        open_list.remember(found)
        assert list(open_list.no_longer_listed()) == []
