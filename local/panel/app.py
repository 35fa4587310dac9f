"""The panel's addresses: JSON in, JSON out. Until a stack is deployed they answer 503."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random
from threading import Lock
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from local.check.engines import are_installed
from local.clock import utc_now
from local.errors import CommandError, InputError
from local.panel.bench import Bench
from local.panel.body import MAX_EVENTS, BadRequestError, Body
from local.panel.fresh import MAX_STORM, fresh, storm
from local.panel.life import STEPS, advance
from local.panel.preview import SETTINGS, Previewer, read_settings, wrong_settings
from local.panel.routes import read_routes, routes_in_use, use_routes, wrong_routes
from local.panel.sentences import Sentences
from local.panel.template import check_template
from local.security_hub.query import ApiError
from local.slack.faults import ANY_METHOD
from local.stack.events import Event, UnreadableEventError, event_files, load, parse
from local.stack.outcome import Outcome
from local.stack.stack import StackError
from shared.errors import ConfigurationError

Json = dict[str, Any]
Action = Callable[[Bench, Body], Json]

MAX_FAULTS = 20
FAULTS: dict[str, Any] = {"429": {"retry_after": 5}, "500": {"status": 500}}
FATES_SHOWN = 50


class Panel:
    """The panel of one page; `bench` is None until there is a stack to work on."""

    def __init__(self) -> None:
        self.bench: Bench | None = None
        self._last_times: dict[str, datetime] = {}
        self._check_lock = Lock()  # engines take memory: one check at a time

    def mount(self) -> Mount:
        actions: dict[str, Action] = {
            "/inspect": self.inspect,
            "/send": self.send,
            "/hear": self.hear,
            "/renew": self.renew,
            "/advance": self.advance,
            "/digest": self.run_digest,
            "/faults": self.order_faults,
            "/storm": self.send_storm,
            "/routes": self.use_routes,
            "/template": self.check_template,
        }
        posts = [Route(path, self._endpoint(action), methods=["POST"]) for path, action in actions.items()]
        gets = [
            Route("/start", self._answering(self.start), methods=["GET"]),
            Route("/state", self._answering(self.state), methods=["GET"]),
        ]
        return Mount("/panel", routes=[*posts, *gets])

    def start(self, bench: Bench) -> Json:
        """What the panel begins with: the samples by name, as they are and renewed, the deployed settings, the routes
        in use, and whether a check of a template has its engines."""
        settings = bench.settings()
        samples = [(sample.name, sample.event) for file in event_files() for sample in load(file)]
        return {
            "samples": [
                {"name": name.removesuffix(".json"), "event": event, "fresh": fresh(event, utc_now())}
                for name, event in samples
            ],
            "settings": {name: settings.get(name, "") for name in SETTINGS},
            "routes": routes_in_use(bench),
            "has_engines": are_installed(),
            "limits": {"events": MAX_EVENTS, "storm": MAX_STORM, "faults": MAX_FAULTS},
        }

    def state(self, bench: Bench) -> Json:
        """{"queue": {"waiting", "held", "dead"}, "faults": calls that are to fail, "fates": what became of events}."""
        fates = [_told(fate) for fate in bench.fates()[-FATES_SHOWN:]]
        return {"queue": bench.depths(), "faults": bench.workspace.faults_waiting, "fates": fates}

    def inspect(self, bench: Bench, body: Body) -> Json:
        """{"text", "settings", "routes", "language"} → {"events": previews}, or {"problem": {"text", "line"?,
        "column"?}}, or {"wrong_settings": by their names, what is wrong with them, "wrong_routes": [{"line", "text"}]},
        of which the one that is right is left out."""
        sentences = Sentences(body.text("language", "en"))
        try:
            events = parse(body.text("text"))
        except UnreadableEventError as error:
            problem = {"text": sentences.unreadable(str(error)), "line": error.line, "column": error.column}
            return {"problem": problem}
        if len(events) > MAX_EVENTS:
            reason = f"holds {len(events)} events or findings; {MAX_EVENTS} are the most at a time"
            return {"problem": {"text": sentences.unreadable(reason), "line": None, "column": None}}
        wrong: Json = {}
        try:
            config = read_settings(body.texts("settings"))
        except ConfigurationError as error:
            wrong["wrong_settings"] = wrong_settings(error)
        try:
            routes = read_routes(body.text("routes", ""))
        except InputError as error:
            wrong["wrong_routes"] = wrong_routes(error, sentences.language)
        if wrong:
            return wrong
        previewer = Previewer(bench=bench, config=config, routes=routes, sentences=sentences, today=utc_now().date())
        return {"events": [previewer.preview(event) for event in events]}

    def check_template(self, _: Bench, body: Body) -> Json:
        """{"text", "parameters": a line each, "settings", "language"} → as local.panel.template tells, or
        {"wrong_settings"}."""
        try:
            config = read_settings(body.texts("settings"))
        except ConfigurationError as error:
            return {"wrong_settings": wrong_settings(error)}
        parameters = [line.strip() for line in body.text("parameters", "").splitlines() if line.strip()]
        with self._check_lock:
            return check_template(body.text("text"), parameters, config, body.text("language", "en"), utc_now())

    def use_routes(self, bench: Bench, body: Body) -> Json:
        """{"text": YAML, or nothing for no routes} → {"routes": the text that is in use now}."""
        with bench.lock:
            use_routes(bench, body.text("text"))
            return {"routes": routes_in_use(bench)}

    def send(self, bench: Bench, body: Body) -> Json:
        """{"events"} → {"sent": ids of the events that went to the queue, "dropped": ids of those no rule matches}."""
        events = body.events("events")
        rules = bench.send(events)
        bench.tell_hub(events)
        by_fate = list(zip([event.get("id") for event in events], rules, strict=True))
        return {"sent": [id_ for id_, rule in by_fate if rule], "dropped": [id_ for id_, rule in by_fate if not rule]}

    def hear(self, bench: Bench, body: Body) -> Json:
        """{"event"} → {}: Security Hub's stand-in holds what the event tells of, which somebody else sends."""
        bench.tell_hub([body.event("event")])
        return {}

    def renew(self, _: Bench, body: Body) -> Json:
        """{"event"} → {"event": the same of a violation that nobody has reported yet}."""
        return {"event": fresh(body.event("event"), utc_now())}

    def advance(self, bench: Bench, body: Body) -> Json:
        """{"event", "step"} → {"event": what Security Hub told, "rule": which rule matched it, or null}."""
        event, step = body.event("event"), body.choice("step", STEPS)
        finding = _finding(event)
        with bench.lock:
            last = self._last_times.get(finding["Id"])
            told = advance(event, step, bench.hub, last)
            at = self._last_times[finding["Id"]] = datetime.fromisoformat(told["time"])
        (rule,) = bench.send([told])
        if step == "archive":
            bench.let_an_hour_pass(at)
        return {"event": told, "rule": rule}

    def run_digest(self, bench: Bench, _: Body) -> Json:
        """{} → {"answer": what the digest function returned}."""
        return {"answer": bench.stack.send_digest(utc_now())}

    def order_faults(self, bench: Bench, body: Body) -> Json:
        """{"kind": "429", "500" or "none", "times"} → {"faults": how many calls are to fail now}."""
        kind = body.choice("kind", (*FAULTS, "none"))
        times = 0 if kind == "none" else body.number("times", 1, MAX_FAULTS)
        bench.workspace.clear_faults()
        if times:
            bench.workspace.fail_next(ANY_METHOD, times=times, **FAULTS[kind])
        return {"faults": bench.workspace.faults_waiting}

    def send_storm(self, bench: Bench, body: Body) -> Json:
        """{"count"} → {"sent": how many}."""
        events = storm(body.number("count", 1, MAX_STORM), utc_now(), Random())  # noqa: S311 - names of samples
        if bench.stack.matching_rule(events[0]) is None:
            raise StackError("no rule of the stack matches a new violation")
        bench.stack.enqueue_all(events)
        bench.tell_hub(events)
        return {"sent": len(events)}

    def _endpoint(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                body = await Body.read(request)
            except BadRequestError as error:
                return _json({"problem": str(error)}, 400)
            return await run_in_threadpool(self._answer, lambda bench: action(bench, body))

        return endpoint

    def _answering(self, tell: Callable[[Bench], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(_: Request) -> Response:
            return await run_in_threadpool(self._answer, tell)

        return endpoint

    def _answer(self, tell: Callable[[Bench], Json]) -> Response:
        if self.bench is None:
            return _json({"problem": "the stack is still being deployed"}, 503)
        try:
            return _json(tell(self.bench))
        except (BadRequestError, ApiError) as error:
            return _json({"problem": str(error)}, 400)
        except CommandError as error:
            return _json({"problem": str(error)}, 502)


def _told(fate: Outcome) -> Json:
    times = {name: time.isoformat() if time else None for name, time in (("at", fate.at), ("next_try", fate.next_try))}
    told = {name: getattr(fate, name) for name in ("event_id", "what", "why", "violation", "is_silent")}
    return told | times | {"why_ja": Sentences("ja").fate(fate)}


def _finding(event: Event) -> Json:
    """The one finding that an event carries."""
    detail = event.get("detail")
    findings = detail.get("findings") if isinstance(detail, dict) else None
    if not isinstance(findings, list) or len(findings) != 1 or not isinstance(findings[0], dict):
        raise BadRequestError("event must carry one finding")
    if not isinstance(findings[0].get("Id"), str):
        raise BadRequestError("the finding has no Id")
    return findings[0]


def _json(content: Json, status: int = 200) -> Response:
    # In ASCII: what was pasted may hold half of a surrogate pair, which UTF-8 can't.
    return Response(json.dumps(content), status, media_type="application/json", headers={"Cache-Control": "no-store"})
