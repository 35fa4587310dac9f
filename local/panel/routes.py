"""The routes as the page edits them: what is wrong with a text, what it says of a violation, and which are in use."""

import re
from datetime import date
from typing import Any

from local.errors import InputError
from local.panel.bench import Bench
from local.panel.body import BadRequestError
from local.routes.directory_file import Directory
from local.routes.trial import explanation
from local.routes.yaml_file import RoutesFile, WrongFileError, check
from local.words import said, speaking
from shared.finding.account import Account
from shared.finding.violation import Violation
from shared.policy.owner import Person, Ring
from shared.policy.route import Destination
from shared.policy.selection import Policy

Json = dict[str, Any]

NAME = "routes.yaml"
_PROBLEM = re.compile(rf"{re.escape(NAME)}:(?P<line>\d+): (?P<text>.*)", re.DOTALL)


def read_routes(text: str) -> RoutesFile | None:
    """What a text means; None for an empty one: no routes. Raises InputError as `shirase routes` does."""
    return check(text.replace("\r\n", "\n"), NAME) if text.strip() else None


def wrong_routes(error: InputError, language: str) -> list[Json]:
    """What is wrong with a text: [{"line": from 1, or None, "text"}]."""
    told = error.problems if isinstance(error, WrongFileError) else [str(error)]
    with speaking(language):
        found = [(_PROBLEM.fullmatch(problem), problem) for problem in told]
        return [
            {"line": int(one["line"]), "text": said(one["text"])} if one else {"line": None, "text": said(problem)}
            for one, problem in found
        ]


def use_routes(bench: Bench, text: str) -> None:
    """Put a text into use, or no routes in the place of an empty one. Raises BadRequestError if it can't be meant, and
    CommandError if others were put into use meanwhile."""
    try:
        file = read_routes(text)
    except InputError as error:
        raise BadRequestError(str(error)) from error
    if file is None:
        bench.routes.remove()
    else:
        bench.routes.replace(file.text, file.document, bench.routes.read())


def routes_in_use(bench: Bench) -> str:
    """The text of the routes in use; empty if there are none."""
    stored = bench.routes.read()
    return stored.text if stored else ""


def destination_of(file: RoutesFile, violation: Violation, bench: Bench) -> Destination:
    """Where a violation goes by the routes, with the people that the stand-in's workspace has."""
    return file.routes.destination(violation, Account(), _directory(bench).find_person)


def routing(
    file: RoutesFile,
    violation: Violation,
    destination: Destination,
    settings: Policy,
    bench: Bench,
    language: str,
    today: date,
) -> Json:
    """{"rows": [{"name", "text"}] as `shirase routes --test` has them, "channel": its ID, or None if it is dropped}."""
    with speaking(language):
        rows = explanation(file, violation, destination, settings, _directory(bench), today)
        return {
            "rows": [{"name": said(name) if name else "", "text": text} for name, text in rows],
            "channel": destination.channel,
        }


def _directory(bench: Bench) -> Directory:
    """Whom the stand-in's workspace has, as users.lookupByEmail would tell."""
    people = {
        member.email.casefold(): Person(ring=Ring.BOT if member.is_bot else Ring.RUNG, user_id=member.id)
        for member in bench.workspace.directory.members
        if not member.deleted
    }
    return Directory(people=people, is_known=True)
