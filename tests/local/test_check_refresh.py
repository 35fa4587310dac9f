"""`make controls`: the map as AWS has it today."""

import csv
import io
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.check.controls import CONTROLS
from local.check.refresh import Known, read_controls, refresh, refreshed
from local.errors import InputError

MAP = """control_id,title,severity,standards,types,decided_by,claimed_by
S3.8,Old title,HIGH,fsbp,AWS::S3::Bucket,own,guard:CT.S3.PR.1
S3.10,Retired,LOW,,AWS::S3::Bucket,,
"""
NEW = Known(id="S3.9", title="New", severity="LOW", types=("AWS::S3::Bucket",))


class Session:
    """boto3's, whose clients answer what a test has put there."""

    def __init__(self) -> None:
        keys = {"region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
        self.clients = {name: boto3.client(name, **keys) for name in ("controlcatalog", "securityhub")}
        self.stubbers = {name: Stubber(client) for name, client in self.clients.items()}
        for stubber in self.stubbers.values():
            stubber.activate()

    def client(self, name: str) -> Any:
        return self.clients[name]


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


def listed(alias: str, name: str, severity: str = "HIGH", **more: Any) -> dict[str, Any]:
    arn = "arn:aws:controlcatalog:::control/abc"
    implementation = {"Type": "AWS::SecurityHub::SecurityControl", "Identifier": alias.removeprefix("SH.")}
    one = {
        "Arn": arn,
        "Name": name,
        "Description": "…",
        "Behavior": "DETECTIVE",
        "Severity": severity,
        "Aliases": [alias],
    }
    return one | {"Implementation": implementation} | more


def test_the_catalog_is_read_to_its_last_page(session: Session) -> None:
    asked = {"MaxResults": 100, "Filter": {"Implementations": {"Types": ["AWS::SecurityHub::SecurityControl"]}}}
    first = {"Controls": [listed("SH.S3.8", "Block  it"), listed("SH.Odd", "No id")], "NextToken": "more"}
    second = {
        "Controls": [listed("CT.1", "By its identifier", Implementation={"Type": "A::B::C", "Identifier": "S3.9"})]
    }
    session.stubbers["controlcatalog"].add_response("list_controls", first, asked)
    session.stubbers["controlcatalog"].add_response("list_controls", second, asked | {"NextToken": "more"})
    assert [(one.id, one.title) for one in read_controls(session)] == [
        ("S3.8", "Block it"),
        ("S3.9", "By its identifier"),
    ]


def test_where_the_catalog_may_not_be_read_security_hub_is_asked(session: Session) -> None:
    session.stubbers["controlcatalog"].add_client_error("list_controls", "AccessDeniedException")
    definition = {"SecurityControlId": "S3.8", "Title": "T", "SeverityRating": "HIGH", "Description": "…"}
    more = {"RemediationUrl": "…", "CurrentRegionAvailability": "AVAILABLE"}
    answer = {"SecurityControlDefinitions": [definition | more]}
    session.stubbers["securityhub"].add_response("list_security_control_definitions", answer)
    assert read_controls(session) == [Known(id="S3.8", title="T", severity="HIGH")]


def test_where_neither_may_be_read_the_map_stays(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "controls.csv"
    file.write_text(MAP, encoding="utf-8")
    session.stubbers["controlcatalog"].add_client_error("list_controls", "AccessDeniedException")
    session.stubbers["securityhub"].add_client_error("list_security_control_definitions", "InvalidAccessException")
    with pytest.raises(InputError, match="controlcatalog:ListControls"):
        refresh(session, file)
    session.stubbers["controlcatalog"].add_response("list_controls", {"Controls": []})
    with pytest.raises(InputError, match="AWS names no controls"):
        refresh(session, file)
    assert file.read_text(encoding="utf-8") == MAP


def test_what_has_changed_is_told_and_who_decides_stays() -> None:
    text, changes = refreshed(MAP, [Known(id="s3.8", title="New title", severity="CRITICAL"), NEW])
    assert changes == [
        "S3.8 was HIGH and is CRITICAL",
        "S3.8 was called: Old title",
        "S3.9 is new: LOW, New",
        "S3.10 is named no more",
    ]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1:] == [
        ["S3.8", "New title", "CRITICAL", "fsbp", "AWS::S3::Bucket", "own", "guard:CT.S3.PR.1"],
        ["S3.9", "New", "LOW", "", "AWS::S3::Bucket", "", ""],
        ["S3.10", "Retired", "LOW", "", "AWS::S3::Bucket", "", ""],
    ]


def test_a_map_that_is_as_aws_has_it_stays_byte_for_byte() -> None:
    text = CONTROLS.read_text(encoding="utf-8")
    same = [
        Known(id=row["control_id"], title=row["title"], severity=row["severity"])
        for row in csv.DictReader(io.StringIO(text))
    ]
    assert refreshed(text, same) == (text, [])
