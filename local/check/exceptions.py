"""What a team accepts in its routes' `exceptions`, before anything is deployed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from local.check.acceptance import Accepted
from local.check.controls import Control
from local.check.foreseen import foreseen
from local.check.template import Resource, Template
from local.check.value import Value
from shared.finding.account import Account
from shared.finding.tag import Tags
from shared.finding.violation import Resource as FoundResource
from shared.finding.violation import Violation
from shared.policy.selection import Acceptance

_NAMES = (
    "Name",
    "BucketName",
    "TableName",
    "QueueName",
    "TopicName",
    "FunctionName",
    "RoleName",
    "DBInstanceIdentifier",
)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def accepted_by_team(
    acceptances: Iterable[Acceptance], control: Control, resource: Resource, template: Template, today: date
) -> Accepted | None:
    """Why a violation will be accepted, and until when; None if it won't. A condition on the account or the Region
    holds where a template is meant for one."""
    violation = _violation(control, resource, template)
    for one in acceptances:
        if today <= one.until and one.condition.holds(violation, Account()):
            return Accepted(reason=one.reason, until=one.until)
    return None


def _violation(control: Control, resource: Resource, template: Template) -> Violation:
    """The violation as Security Hub would report it; a resource has the name that the template gives it, for nobody
    knows its ARN yet."""
    named = next((name for key in _NAMES if isinstance(name := resource.properties.get(key), str)), resource.logical_id)
    return foreseen(
        FoundResource(id=named, type=resource.type, name=resource.name, tags=_tags(resource.properties.get("Tags"))),
        control_id=control.id,
        title=control.title,
        severity=control.severity,
        account_id=template.account_id or "",
        region=template.region or "",
        at=_LONG_AGO,
    )


def _tags(value: Value) -> Tags:
    """Tags as most types have them, [{Key, Value}], or as some, {key: value}; those whose text is known."""
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        entries = value if isinstance(value, list) else []
        pairs = [(one.get("Key"), one.get("Value")) for one in entries if isinstance(one, dict)]
    return tuple((key, text) for key, text in pairs if isinstance(key, str) and isinstance(text, str))
