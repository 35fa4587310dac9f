"""The one message of a storm: joined by violations, kept up to date, and concluded with a list of them all.

Whoever joins writes the message anew, at most every few seconds. A delayed message of our own on the alert queue, the
check, looks after what nobody else does: the last to join, members that are gone, and the end.
"""

import json
from dataclasses import replace
from datetime import datetime

from shared.alert.burst import (
    CHECK_AFTER,
    MOST_MEMBERS,
    Burst,
    Member,
    Tally,
    calm_at,
    is_concluded,
    is_watched,
    tally_of,
    worst_first,
)
from shared.alert.entry import Entry, Membership
from shared.app import App
from shared.errors import ClaimHeldError, MessageGoneError, ShiraseError
from shared.finding.violation import Violation
from shared.message import Message
from shared.slack.client import SlackFile
from shared.view.burst import render_burst
from shared.view.csv_file import csv_file, csv_rows
from shared.view.mark import burst_mark
from shared.view.rich_text import Payload


def join(violation: Violation, entry: Entry, app: App, now: datetime) -> Entry | None:
    """The entry to record for a violation that joins a burst; None if it may be announced by itself."""
    burst_id = app.bursts.admit(violation.key, violation.severity, limit=app.config.burst_limit, now=now)
    if burst_id is None:
        return None
    watch(burst_id, app, now)
    membership = Membership(
        burst_id=burst_id,
        joined_at=now,
        control_id=violation.control_id,
        account_id=violation.account_id,
        rows=csv_rows(violation, now),
    )
    return replace(entry, message=None, membership=membership)


def watch(burst_id: str, app: App, now: datetime) -> None:
    """See to it that a burst's message is soon brought up to date. To be called before what it has to tell is recorded,
    so that a crash in between tells nothing rather than forgets it.
    """
    burst = app.bursts.look_up(burst_id)
    if burst and not is_watched(burst, now):
        _schedule_check(burst_id, now + CHECK_AFTER, app, now)


def refresh(burst_id: str, app: App, now: datetime) -> None:
    """Bring a burst's message up to date, unless that was done a moment ago."""
    try:
        burst = app.bursts.look_up(burst_id)
        if burst and (burst.free_at is None or burst.free_at <= now):
            _bring_up_to_date(burst_id, app, now)
    except ClaimHeldError:
        return  # somebody else does it
    except ShiraseError as error:
        # The violation is recorded, and the check tries again.
        app.telemetry.log.warning("burst not shown yet", extra={"burst": burst_id, "problem": str(error)})


def check(burst_id: str, app: App, now: datetime) -> None:
    """Bring a burst's message up to date and, when nothing has joined it for a while, conclude it.

    Raises ClaimHeldError if somebody is writing the message just now.
    """
    burst = app.bursts.look_up(burst_id)
    if burst is None or (burst.check_due_at and burst.check_due_at > now):
        return  # a later check is on its way
    calm = _bring_up_to_date(burst_id, app, now)
    if calm > now:
        _schedule_check(burst_id, calm, app, now)


def checked_burst(body: object) -> str | None:
    """The burst that a message on the queue asks to look after; None if it is anything else."""
    return str(body["burst_id"]) if isinstance(body, dict) and body.get("shirase") == "check burst" else None


def message_of(burst_id: str, app: App) -> Message | None:
    """Where the message of a burst stands."""
    burst = app.bursts.look_up(burst_id)
    return burst.message if burst else None


def _schedule_check(burst_id: str, due_at: datetime, app: App, now: datetime) -> None:
    if not app.config.alert_queue_url:
        return
    seconds = int((due_at - now).total_seconds()) + 1
    app.alert_queue.send(json.dumps({"shirase": "check burst", "burst_id": burst_id}), seconds)
    app.bursts.note_check(burst_id, due_at)


def _bring_up_to_date(burst_id: str, app: App, now: datetime) -> datetime:
    """When the burst is over, as far as is known."""
    with app.bursts.turn(burst_id, now) as was_attempted:
        burst = app.bursts.look_up(burst_id)
        if burst is None:
            return now
        members = list(app.bursts.members(burst_id))
        tally = tally_of(burst, members)
        is_over = calm_at(burst, tally) <= now
        if is_over or len(members) >= MOST_MEMBERS:
            app.bursts.end(burst_id)
        if tally:
            burst = _show(burst, tally, app, was_attempted)
            if is_over and not is_concluded(burst, tally):
                _conclude(burst, tally, members, app, now)
        return calm_at(burst, tally)


def _show(burst: Burst, tally: Tally, app: App, was_attempted: bool = False) -> Burst:
    payload = render_burst(burst, tally, app.wording, app.config.environment_name)
    message = burst.message or (app.slack.find(burst_mark(burst), burst.started_at) if was_attempted else None)
    is_shown = message is not None and _update(message, payload, burst, app)
    if not is_shown and not is_concluded(burst, tally):
        message = app.slack.post(payload | {"metadata": burst_mark(burst)})
    if message and message != burst.message:
        app.bursts.record_message(burst.burst_id, message)
    return replace(burst, message=message)


def _update(message: Message, payload: Payload, burst: Burst, app: App) -> bool:
    """Whether the message was still there."""
    try:
        app.slack.update(message, payload)
    except MessageGoneError as error:
        app.telemetry.log.warning("message is gone", extra={"burst": burst.burst_id, "problem": str(error)})
        return False
    return True


def _conclude(burst: Burst, tally: Tally, members: list[Member], app: App, now: datetime) -> None:
    time = f"{burst.started_at:%Y-%m-%dT%H%MZ}"
    file = SlackFile(
        name=app.wording.burst_filename.format(time=time),
        title=app.wording.burst_title.format(time=time),
        content=csv_file(app.bursts.rows(sorted(members, key=worst_first)), app.wording),
    )
    # An attempt whose end was not recorded may have left it there.
    if not (burst.message and app.slack.has_file(file.name, burst.message, calm_at(burst, tally))):
        app.slack.upload([file], comment=app.wording.burst_comment, thread=burst.message)
    app.bursts.conclude(burst.burst_id, tally, now)
    _show(replace(burst, concluded_at=now), tally, app)
