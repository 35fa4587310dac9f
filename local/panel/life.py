"""The next thing in a violation's life, done to Security Hub's stand-in, and the event that tells of it."""

from datetime import datetime, timedelta
from typing import Any

from local.clock import utc_now
from local.security_hub.hub import SecurityHub
from local.stack.events import Event, imported_event

STEPS = ("resolve", "suppress", "archive", "reopen")

Finding = dict[str, Any]


def advance(event: Event, step: str, hub: SecurityHub, last_event_time: datetime | None) -> Event:
    """Bring an event's one finding one step on; the hub hears of it first if it doesn't hold it.

    Events tell their time in whole seconds, so the event is dated a second after the last one at least.
    Raises ApiError if it isn't a finding that Security Hub could hold.
    """
    (finding,) = event["detail"]["findings"]
    stored = _stored(finding, hub)
    if stored is None:
        hub.hold(finding, utc_now())
        stored = _stored(finding, hub) or finding
    changed = _change(stored, step, hub)
    now = utc_now().replace(microsecond=0)
    return imported_event(changed, max(now, last_event_time + timedelta(seconds=1)) if last_event_time else now)


def _change(stored: Finding, step: str, hub: SecurityHub) -> Finding:
    if step == "suppress":
        return _set_workflow(stored, "SUPPRESSED", hub)
    if step == "archive":
        return hub.import_finding({**stored, "RecordState": "ARCHIVED"})
    if step == "resolve":
        return hub.import_finding(_checked(stored, "PASSED"))
    if stored["Workflow"]["Status"] not in {"NEW", "NOTIFIED"} and stored["Compliance"]["Status"] != "PASSED":
        stored = _set_workflow(stored, "NEW", hub)
    return hub.import_finding(_checked(stored, "FAILED"))


def _checked(stored: Finding, status: str) -> Finding:
    """What the next check writes."""
    return {**stored, "RecordState": "ACTIVE", "Compliance": {**stored.get("Compliance", {}), "Status": status}}


def _set_workflow(stored: Finding, status: str, hub: SecurityHub) -> Finding:
    identifier = {"Id": stored["Id"], "ProductArn": stored["ProductArn"]}
    hub.batch_update_findings({"FindingIdentifiers": [identifier], "Workflow": {"Status": status}})
    return _stored(stored, hub) or stored


def _stored(finding: Finding, hub: SecurityHub) -> Finding | None:
    filters = {"Id": [{"Value": finding.get("Id"), "Comparison": "EQUALS"}]}
    found: list[Finding] = hub.get_findings({"Filters": filters})["Findings"]
    return found[0] if found else None
