"""What a stack would do about an event, step by step, and the message that would come of it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from local.dropped import why_dropped
from local.panel.bench import Bench
from local.panel.routes import destination_of, routing
from local.panel.sentences import Sentences
from local.routes.yaml_file import RoutesFile
from local.stack.events import Event
from local.stack.stack import StackError
from shared.alert.entry import Entry
from shared.alert.lifecycle import Action, Decision, decide
from shared.alert.verdict import drop, is_announcement, judge
from shared.config import Config
from shared.errors import ConfigurationError, MalformedEventError
from shared.finding.event import parse_event
from shared.finding.violation import State, Violation
from shared.policy.route import Destination
from shared.policy.selection import Policy
from shared.view.alert import NOBODY, Recurrence, closing_sentence, render_alert, render_closed
from shared.view.language import LANGUAGES
from shared.view.rich_text import Payload

Json = dict[str, Any]

# What Config insists on, and no preview depends on.
UNUSED = {
    "SLACK_SECRET_ARN": "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:preview",
    "SLACK_CHANNEL": "C0000000001",
    "LEDGER_TABLE": "preview",
}
# A wrong setting, as ConfigurationError lists it: its name, its value as Python quotes it, what is wrong; advice.
WRONG_SETTING = re.compile(r"""^- (?P<name>[A-Z_]+) is (?:'[^']*'|"[^"]*"|.*?): (?P<problem>[^;\n]*)""", re.MULTILINE)
SETTINGS = ("TARGET_CONTROL_IDS", "MIN_SEVERITY", "MESSAGE_LANGUAGE", "ENVIRONMENT_NAME")


def read_settings(settings: dict[str, str]) -> Config:
    """The settings of a preview, by the names of the function's environment variables.

    Raises ConfigurationError as the deployed function would.
    """
    return Config.from_env({name: settings.get(name, "") for name in SETTINGS} | UNUSED)


def wrong_settings(error: ConfigurationError) -> dict[str, str]:
    """By the name of each wrong setting what is wrong with it, without the advice, which the page gives itself."""
    found = WRONG_SETTING.finditer(str(error))
    return {one["name"]: one["problem"] for one in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewer:
    """Judges events by a stack's rules and ledger, under settings and routes of one's own (None: no routes), on a day
    (UTC)."""

    bench: Bench
    config: Config
    routes: RoutesFile | None
    sentences: Sentences
    today: date

    def preview(self, event: Event) -> Json:
        """{"event", "violation"?, "steps": [{"step", "passes", "word", "why"}], "routing"?, "message"?, "reply"?,
        "is_sample"}.

        Steps are rule, policy and decision, up to the first that ends the matter, or one problem. `is_sample` marks
        a message that will not be posted, and shows how it looked when the violation was announced.
        """
        told: Json = {
            "event": event,
            "violation": None,
            "steps": [],
            "routing": None,
            "message": None,
            "reply": None,
            "is_sample": False,
        }
        try:
            rule = self.bench.stack.matching_rule(event)
        except StackError as error:
            return told | {"steps": [self._problem(_malformed(event) or error)]}
        if rule is None:
            told["steps"] = [self._step("rule", False, "no_rule", why_dropped(event, self.sentences))]
        else:
            told["steps"] = [self._step("rule", True, rule, "")]
        try:
            violation = parse_event(event)
        except MalformedEventError as error:
            return told | {"steps": [*told["steps"], *([self._problem(error)] if rule else [])]}
        if violation:
            told["violation"] = _summary(violation)
            told["steps"] += self._verdict(violation) if rule else []
            told["routing"] = self._routing(violation)
            told |= self._message(violation, all(step["passes"] for step in told["steps"]))
        return told

    def _verdict(self, violation: Violation) -> list[Json]:
        """What the function makes of what a rule has matched."""
        decision = self._decision(violation)
        if decision.action is Action.FILTER:
            return [self._step("policy", False, "rejected", self.sentences.why(decision.why))]
        speaks = decision.action not in {Action.NOTHING, Action.REMEMBER, Action.HOLD}
        return [
            self._step("policy", True, "selected", ""),
            self._step("decision", speaks, decision.action.value, self.sentences.why(decision.why)),
        ]

    def _routing(self, violation: Violation) -> Json | None:
        """Where an open violation goes by the routes, and why; what is closed goes where it was announced."""
        destination = self._destination(violation)
        if self.routes is None or destination is None or violation.state is not State.OPEN:
            return None
        language = self.sentences.language
        return routing(self.routes, violation, destination, self.config.policy, self.bench, language, self.today)

    def _destination(self, violation: Violation) -> Destination | None:
        return destination_of(self.routes, violation, self.bench) if self.routes else None

    def _policy(self) -> Policy:
        settings = self.config.policy
        return self.routes.routes.policy(settings, self.today) if self.routes else settings

    def _problem(self, error: Exception) -> Json:
        return self._step("problem", False, "problem", self.sentences.reason(str(error)))

    def _step(self, step: str, passes: bool, word: str, why: str) -> Json:
        return {"step": step, "passes": passes, "word": word, "why": why}

    def _decision(self, violation: Violation) -> Decision:
        decision = judge(violation, self._policy(), self.bench.ledger.look_up(violation.key).entry)
        destination = self._destination(violation) if is_announcement(decision) else None
        return drop(destination.reason) if destination and destination.channel is None else decision

    def _message(self, violation: Violation, is_real: bool) -> Json:
        """The message of a real decision; otherwise the one that an open violation would get if it were new."""
        decision = self._decision(violation) if is_real else decide(violation, None)
        wording, environment = LANGUAGES[self.config.message_language], self.config.environment_name
        if decision.action is Action.CLOSE and decision.entry:
            closed = render_closed(violation, decision.entry, wording, environment)
            return {"message": closed, "reply": closing_sentence(violation, decision.entry, wording)}
        if decision.action in {Action.ANNOUNCE, Action.REOPEN, Action.RERATE} and decision.entry:
            return {"message": self._announcement(violation, decision.entry), "is_sample": not is_real}
        return {}

    def _announcement(self, violation: Violation, entry: Entry) -> Payload:
        recurrence = None
        if entry.announcements > 1:
            url = self.bench.permalink(entry.message) if entry.message else None
            recurrence = Recurrence(times=entry.announcements - 1, earlier_message_url=url)
        wording = LANGUAGES[self.config.message_language]
        destination = self._destination(violation)
        return render_alert(
            violation,
            wording,
            self.config.environment_name,
            recurrence,
            ownership=destination.ownership if destination else NOBODY,
            mentions=destination.mentions if destination else (),
        )


def _malformed(event: Event) -> MalformedEventError | None:
    """What is wrong with an event, if that shows; EventBridge says less of it."""
    try:
        parse_event(event)
    except MalformedEventError as error:
        return error
    return None


def _summary(violation: Violation) -> Json:
    return {
        "control": violation.control_id,
        "title": violation.title,
        "severity": violation.severity.name,
        "resource": violation.resource.name,
        "account": violation.account_name or violation.account_id,
        "state": violation.state.value,
    }
