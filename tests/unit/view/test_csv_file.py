"""The list of open violations as a file people open in Excel."""

import csv
import io
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.digest.placement import Placement, Standing
from shared.finding.violation import Severity, Violation, union
from shared.view.auto_conversion import is_converted
from shared.view.csv_file import as_text, csv_file, csv_rows, write_csv
from shared.view.english import ENGLISH
from shared.view.japanese import JAPANESE
from shared.view.wording import Wording
from tests.findings import resource, violation
from tests.unit.wild import examples, texts, violations

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "standards/cis-aws-foundations-benchmark/v/5.0.0"


def to_csv(listed: Iterable[Violation], wording: Wording, now: datetime) -> bytes:
    """The file, as a burst has it: without a status."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "open-violations.csv"
        write_csv(file, (csv_rows(violation, now) for violation in listed), wording.columns)
        return file.read_bytes()


def rows(*listed: Violation, wording: Wording = ENGLISH) -> list[list[str]]:
    text = to_csv(listed, wording, NOW).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def cells(listed: Violation) -> dict[str, str]:
    header, row = rows(listed)
    return dict(zip(header, row, strict=True))


def of_standard(standard_id: str, **changes: str) -> Violation:
    return violation(Id=standard_id, **{"Compliance.AssociatedStandards": [{"StandardsId": standard_id}]}, **changes)


# ---- the file


def test_a_row_tells_everything_about_a_violation() -> None:
    assert cells(violation()) == {
        "Resource": "payroll",
        "Violation": "S3 general purpose buckets should block public access",
        "Control ID": "S3.8",
        "Severity": "HIGH",
        "Resource ID": "arn:aws:s3:::payroll",
        "Account ID": "\t111122223333",
        "Account name": "payments",
        "Region": "eu-west-1",
        "Open since": "2026-11-20T01:02:03+00:00",
        "Days open": "2",
        "Workflow status": "NEW",
        "Standards": "AWS Foundational Security Best Practices v1.0.0",
        "How to fix": "https://docs.aws.amazon.com/console/securityhub/S3.8/remediation",
        "Finding ID": "arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/8d0b1f6e",
    }


def test_the_japanese_headers_begin_with_what_people_look_for() -> None:
    header = rows(wording=JAPANESE)[0]
    assert header[:4] == ["リソース名", "違反事項", "コントロールID", "重要度"]
    assert len(header) == len(rows()[0])


def test_excel_sees_that_the_file_is_utf_8() -> None:
    content = to_csv([violation(Title="公開バケット")], JAPANESE, NOW)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert "公開バケット" in content.decode()


def test_lines_end_as_rfc_4180_wants() -> None:
    content = to_csv([violation(), violation()], ENGLISH, NOW)
    assert content.count(b"\r\n") == 3
    assert content.endswith(b"\r\n")


def test_quotes_commas_and_line_breaks_stay_in_their_cell() -> None:
    title = 'a "quoted", comma\r\nand a second line'
    assert cells(violation(Title=title))["Violation"] == title


def test_each_resource_of_a_violation_has_a_row() -> None:
    many = violation(Resources=[resource(f"arn:aws:s3:::bucket-{number}") for number in range(60)])
    listed = rows(many, violation())[1:]
    assert [row[0] for row in listed] == [*(f"bucket-{number}" for number in range(60)), "payroll"]
    assert {row[1] for row in listed} == {many.title}


def test_nothing_open_is_a_header_alone() -> None:
    assert rows() == [list(ENGLISH.columns)]


@pytest.mark.parametrize(
    ("open_for", "days"),
    [(timedelta(0), "0"), (timedelta(hours=23), "0"), (timedelta(days=1), "1"), (timedelta(days=-5), "0")],
)
def test_days_are_full_days_and_never_fewer_than_none(open_for: timedelta, days: str) -> None:
    assert cells(replace(violation(), episode_started_at=NOW - open_for))["Days open"] == days


# ---- formulas


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_is_no_formula(start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    listed = violation(AwsAccountName=name)
    assert cells(listed)["Account name"] == f"'{name}"


def test_a_cell_is_no_formula_behind_a_character_that_readers_drop() -> None:
    assert as_text("\0=1+1") == "'=1+1"


HARMLESS = [
    "",
    "payroll",
    "a=b",
    "1-2-x",
    "'=1",
    "公開",
    "a; b",
    "a|b",
    "a\n\tb",
    "a=1;b+1",
    "x, -y",
    "ou:a;b|c-d",
    'a;"b"',
]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_a_harmless_cell_stays_as_it_is(harmless: str) -> None:
    assert as_text(harmless) == harmless


@pytest.mark.parametrize("separator", [";", "|", "\t", "\n", "\r\n", "; ", ';"', "|;", '\t\n " ;'])
@pytest.mark.parametrize("start", "=+-@＝＋－＠")
def test_no_formula_begins_where_a_spreadsheet_may_split_a_cell(separator: str, start: str) -> None:
    assert as_text(f"role{separator}{start}1+1") == f"role{separator}'{start}1+1"


def test_where_columns_are_split_at_semicolons_no_formula_begins_at_a_comma() -> None:
    assert as_text("role,=1+1;-2", ";") == "role,'=1+1;-2"
    listed = violation(Resources=[resource("role/x,=1+1", Tags={"owner": "x,@SUM(1;1)"})])
    assert """x,'=1+1""" in csv_rows(listed, NOW, "new", delimiter=";")
    assert """x,'@SUM""" in csv_rows(listed, NOW, "new", delimiter=";")


def test_a_long_text_of_separators_takes_no_longer_than_it_is() -> None:
    started = time.perf_counter()
    for text in ("\n" * 240_000, ";" * 240_000, ';"' * 120_000, ";=" * 120_000):
        as_text(f"a{text}")
    assert time.perf_counter() - started < 2


@given(texts | st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    printable = text.replace("\0", "")
    cell = as_text(text)
    assert cell.replace("'", "") in {printable.replace("'", ""), f"\t{printable}"}
    assert cell.startswith("\t") == is_converted(printable)
    assert not re.search(r"""[;|\t\r\n][\s"]*[=+\-@＝＋－＠]""", cell[1:])
    assert not cell.startswith(("=", "+", "-", "@", "\r", "\n", "＝", "＋", "－", "＠"))


@examples(50)
@given(st.lists(violations(), max_size=3))
def test_whatever_the_texts_the_file_reads_back_cell_by_cell(listed: list[Violation]) -> None:
    read = rows(*listed)
    assert all(len(row) == len(ENGLISH.columns) for row in read)
    ids = [as_text(one.id) for listed_one in listed for one in listed_one.resources]
    assert [row[4] for row in read[1:]] == ids


# ---- what a spreadsheet would convert


@pytest.mark.parametrize("text", ["123456789012", "012345678901", "3-4", "dec-2024", "1.10", "TRUE", "1E5"])
def test_a_text_that_a_spreadsheet_would_convert_begins_with_a_tab(text: str) -> None:
    listed = violation(AwsAccountName=text, Title=text, Resources=[resource(f"arn:aws:s3:::{text}")])
    row = cells(listed)
    assert [row[name] for name in ("Resource", "Violation", "Account name")] == [f"\t{text}"] * 3


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_cell_with_a_tab_is_one_cell_to_readers_that_split_at_tabs(delimiter: str) -> None:
    line = csv_rows(violation(AwsAccountName="3-4"), NOW, delimiter=delimiter)
    assert f'{delimiter}"\t3-4"{delimiter}' in line


def test_what_is_ours_stays_a_value() -> None:
    assert ',"2026-11-20T01:02:03+00:00",2,"NEW",' in csv_rows(violation(), NOW)


@given(texts | st.text())
def test_a_tab_or_apostrophes_are_all_that_is_added(text: str) -> None:
    added = as_text(text).removeprefix("\t") if is_converted(text.replace("\0", "")) else as_text(text)
    assert added.replace("'", "") == text.replace("\0", "").replace("'", "")


# ---- the delimiter


def test_columns_are_separated_as_asked() -> None:
    listed = violation(Title='a; "b", c', AwsAccountName="3-4")
    content = csv_file([csv_rows(listed, NOW, delimiter=";")], ENGLISH, delimiter=";")
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    assert header == list(ENGLISH.columns)
    assert row == rows(listed)[1]


# ---- the columns of a digest


def test_a_digest_adds_status_and_owner_at_the_end() -> None:
    owned = violation(Resources=[resource("arn:aws:s3:::logs", Tags={"owner": "=alice"})])
    (row,) = csv.reader(io.StringIO(csv_rows(owned, NOW, "new"), newline=""))
    assert row[:-2] == rows(owned)[1]
    assert row[-2:] == ["new", "'=alice"]


def test_where_routes_are_in_use_a_digest_names_their_owners_and_the_channel() -> None:
    owned = violation(Resources=[resource("arn:aws:s3:::logs", Tags={"owner": "alice"})])
    placement = Placement(standing=Standing.OPEN, channel="C0000TEAMA1", owners=("team-a", "=team-b"))
    (row,) = csv.reader(io.StringIO(csv_rows(owned, NOW, "new", placement), newline=""))
    assert row[-3:] == ["new", "team-a, =team-b", "C0000TEAMA1"]
    dropped = Placement(standing=Standing.DROPPED, channel=None, owners=("=SUM(1)",))
    (row,) = csv.reader(io.StringIO(csv_rows(owned, NOW, "=x", dropped), newline=""))
    assert row[-3:] == ["'=x", "'=SUM(1)", ""]


# ---- one violation out of several findings


def test_findings_of_several_standards_are_one_violation_with_all_standards() -> None:
    both = union(of_standard(FSBP), of_standard(CIS))
    assert both.standards == (
        "AWS Foundational Security Best Practices v1.0.0",
        "CIS AWS Foundations Benchmark v5.0.0",
    )


def test_it_is_as_old_as_its_oldest_finding_and_as_bad_as_its_worst() -> None:
    old = of_standard(FSBP, FirstObservedAt="2026-10-01T00:00:00Z", **{"Severity.Label": "LOW"})
    young = of_standard(CIS, FirstObservedAt="2026-11-01T00:00:00Z", **{"Severity.Label": "HIGH"})
    for both in (union(old, young), union(young, old)):
        assert both.episode_started_at == old.episode_started_at
        assert both.severity is Severity.HIGH


def test_an_account_is_called_so_in_the_readers_language() -> None:
    account = violation(Resources=[{"Type": "AwsAccount", "Id": "AWS::::Account:111122223333"}])
    assert csv_rows(account, NOW, wording=JAPANESE).startswith('"アカウント 111122223333"')
    assert csv_rows(account, NOW, wording=ENGLISH).startswith('"Account 111122223333"')
