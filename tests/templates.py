"""Templates for tests: a text → what the check makes of it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

from local.check.controls import Control
from local.check.load import load_template
from local.check.template import Resource, Template
from shared.finding.violation import Severity

LOGGING = Control(
    id="S3.9",
    title="S3 general purpose buckets should have server access logging enabled",
    severity=Severity.MEDIUM,
    standards=frozenset({"fsbp"}),
    types=("AWS::S3::Bucket",),
    decided_by="own",
    claimed_by=("nag:S3BucketLoggingEnabled", "guard:CT.S3.PR.2"),
)


def template_of(text: str, *, account_id: str | None = None, region: str | None = None, **parameters: str) -> Template:
    """A YAML text as the template "x.yaml"; raises TemplateError."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.yaml"
        file.write_text(dedent(text), encoding="utf-8")
        return load_template(file, "x.yaml", parameters, account_id=account_id, region=region)


def resource_of(text: str, **parameters: str) -> Resource:
    """The only resource of a template."""
    (resource,) = template_of(text, **parameters).resources
    return resource


def property_of(value: str, head: str = "", **parameters: str) -> Any:
    """What one property, written as YAML, is resolved to, in a template with more sections at its `head`."""
    text = (
        f"{dedent(head)}\nResources:\n  Other: {{Type: 'AWS::S3::Bucket'}}\n  Asked:\n    Type: AWS::SSM::Parameter\n"
    )
    found = template_of(f"{text}    Properties: {{Type: String, Value: {value}}}\n", **parameters)
    return found.by_id["Asked"].properties.get("Value")
