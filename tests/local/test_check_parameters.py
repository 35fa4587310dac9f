"""What a Security Hub may set of its controls, and that it decides in the place of the defaults."""

from typing import Any

import pytest

from local.check import decide
from local.check.answer import NO
from local.check.controls import Control, controls
from local.check.decide import predict
from local.check.said import Said
from tests.templates import template_of

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def customized(id_: str, **parameters: Any) -> Control:
    (found,) = [one for one in controls() if one.id == id_]
    return Control(
        id=found.id,
        title=found.title,
        severity=found.severity,
        standards=found.standards,
        types=found.types,
        decided_by=found.decided_by,
        parameters=parameters,
    )


def test_a_parameter_that_no_rule_asks_about_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where an engine decides, nor where a rule of our own does."""
    said = {("Files", "CT.ELASTICFILESYSYSTEM.PR.1"): Said(is_violated=NO)}
    monkeypatch.setattr(decide, "guard", lambda templates, rules: [said for _ in templates])
    template = template_of("""
        Resources:
          Files: {Type: "AWS::EFS::FileSystem", Properties: {Encrypted: true}}
          Closed: {Type: "AWS::S3::Bucket"}
          Open: {Type: "AWS::S3::Bucket", Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}}
    """)
    assert {one.resource.logical_id for one in predict([template], [customized("EFS.8"), customized("S3.8")])} == {
        "Open"
    }
    found = predict([template], [customized("EFS.8", kmsKeyArns=[KEY]), customized("S3.8", days=3)])
    assert {one.resource.logical_id: one.undecided for one in found} == {
        "Files": {"the parameter kmsKeyArns of Security Hub"},
        "Open": {"the parameter days of Security Hub"},
    }
