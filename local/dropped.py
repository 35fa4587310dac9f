"""Why EventBridge drops an event: what keeps the stack's rules from matching it."""

from local.panel.sentences import Sentences
from local.stack.events import IMPORTED, Event, foreign_service
from shared.alert.lifecycle import Action
from shared.alert.verdict import judge
from shared.errors import MalformedEventError
from shared.finding.event import FINDING_DETAIL_TYPES, parse_event
from shared.finding.violation import Severity, State
from shared.policy.selection import Policy
from shared.text import excerpt

EVERYTHING = Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)


def why_dropped(event: Event, sentences: Sentences) -> str:
    """The first thing that speaks against an event which no rule matches, in the reader's language."""
    if "source" in event and (foreign := foreign_service(event)):
        return sentences.reason(foreign)
    detail_type = event.get("detail-type")
    if isinstance(detail_type, str) and detail_type in FINDING_DETAIL_TYPES - {IMPORTED}:
        return sentences.reason(f'its detail-type is "{excerpt(detail_type)}"')
    try:
        violation = parse_event(event)
    except MalformedEventError as error:
        return sentences.reason(str(error))
    decision = judge(violation, EVERYTHING, None)
    if decision.action in {Action.FILTER, Action.NOTHING}:
        return sentences.why(decision.why)
    if violation and violation.state is State.PASSED:
        return sentences.reason("it passed before, too (PreviousComplianceStatus)")
    if "source" not in event:
        return sentences.reason("source is missing")
    return sentences.reason("its fields are not those that the rules look for")
