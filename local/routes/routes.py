"""Check routes, try them on events, and put them into use on a stack."""

import difflib
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import CommandError, InputError, tell_problem
from local.routes.directory_file import Directory, read_directory
from local.routes.in_use import RoutesInUse, Stored
from local.routes.summary import notes, summary
from local.routes.trial import trial
from local.routes.yaml_file import RoutesFile, WrongFileError, check, read
from local.slack.text import printable
from local.stack.events import load_all
from local.stack.lookup import CHECK_ACCESS, find_stack
from local.stack.place import Place, is_agreed, place_of
from local.words import said
from shared.errors import MalformedEventError
from shared.finding.event import parse_event
from shared.finding.violation import Severity
from shared.policy.route_file import SOURCE
from shared.policy.selection import Policy

IN_USE_SECONDS = 60  # for which a function keeps what it read
NONE = "none"  # what --restore takes for no routes at all
_RED, _GREEN, _PLAIN = "\033[31m", "\033[32m", "\033[0m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to do: try an event, show what is in use, list its versions, or put one of them into use again. `yes` asks
    nobody."""

    test: Path | None = None
    directory: Path | None = None
    show: bool = False
    versions: bool = False
    restore: str = ""
    yes: bool = False


def routes(path: Path | None, stack_name: str, wish: Wish) -> int:
    """Do what is wished with the routes of a file, or those that a stack has in use; the exit code. Raises
    CommandError."""
    _refuse_contradictions(path, stack_name, wish)
    today = datetime.now(UTC).date()
    try:
        file = read(path) if path else None
        if stack_name:
            return _on_stack(file, stack_name, wish, today)
        if file:
            return _try(file, wish.test, _everything(), wish.directory, today) if wish.test else _tell(file, today)
        raise InputError("Which routes? Name a file (FILE=routes.yaml), a stack (STACK=…), or both.")
    except WrongFileError as error:
        for problem in error.problems:
            tell_problem(problem)
        return error.exit_code
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{error}\n  {CHECK_ACCESS}") from error


def _refuse_contradictions(path: Path | None, stack_name: str, wish: Wish) -> None:
    looks_back = [wish.show, wish.versions, bool(wish.restore)]
    if wish.directory and not wish.test:
        raise InputError("--directory (DIRECTORY=…) stands in for accounts and people in a --test (TEST=…).")
    if any(looks_back) and (not stack_name or path or wish.test or sum(looks_back) > 1):
        raise InputError(
            "--show (SHOW=1), --versions (VERSIONS=1) and --restore (RESTORE=…) each take --stack (STACK=…), and "
            "nothing else."
        )
    if stack_name and not path and not wish.test and not any(looks_back):
        raise InputError(
            "What of the stack? Name the file to put into use (FILE=routes.yaml), or say --show (SHOW=1), --versions "
            "(VERSIONS=1) or --restore (RESTORE=…)."
        )


def _on_stack(file: RoutesFile | None, stack_name: str, wish: Wish, today: date) -> int:
    stack = find_stack(stack_name)
    place = place_of(stack)
    bucket = stack.outputs.get("ArchiveBucketName")
    if not bucket:
        raise InputError(f"{place} has no ArchiveBucketName among its outputs: is it one of shirase?")
    in_use = RoutesInUse(stack.client("s3"), bucket)
    if wish.versions:
        return _list_versions(in_use)
    if wish.restore == NONE:
        return _remove(in_use, place, wish)
    if wish.restore:
        return _put(_stored(in_use, place, wish.restore), in_use, place, wish, today)
    if wish.show:
        print(printable(_present(in_use, place).text).rstrip("\n"))
        return 0
    if wish.test:
        tried = file or check(_present(in_use, place).text, "in use")
        return _try(tried, wish.test, _settings_of(place), wish.directory, today)
    return _put(file, in_use, place, wish, today) if file else InputError.exit_code


def _tell(file: RoutesFile, today: date) -> int:
    print("\n".join(summary(file, today)))
    for note in notes(file, today):
        print(f"! {printable(said(note))}")
    return 0


def _try(file: RoutesFile, events: Path, settings: Policy, directory_path: Path | None, today: date) -> int:
    directory = read_directory(directory_path) if directory_path else Directory()
    samples, problems = load_all([events])
    for problem in problems:
        tell_problem(problem)
    is_fine = not problems
    for sample in samples:
        try:
            violation = parse_event(sample.event)
        except MalformedEventError as error:
            tell_problem(f"{sample.name}: {error}")
            is_fine = False
            continue
        if violation is None:
            print(printable(f"{sample.name}: {said('no finding of a control: nothing to route')}"))
        else:
            print(printable("\n".join(trial(file, violation, settings, directory, today))))
    return 0 if is_fine else InputError.exit_code


def _put(file: RoutesFile, in_use: RoutesInUse, place: Place, wish: Wish, today: date) -> int:
    before = in_use.read()
    _tell(file, today)
    _tell_other_channel(file, place)
    if before and before.text == file.text and _is_same(before, file):
        print(said(f"{place} has the same in use already."))
        return 0
    print(_difference(before.text if before else "", file.text))
    if not wish.yes and not is_agreed(said(f"Put this into use in {place}?")):
        tell_problem("Nothing was changed.")
        return CommandError.exit_code
    in_use.replace(file.text, file.document, before)
    print(said(f"In use within {IN_USE_SECONDS} s in {place}."))
    return 0


def _remove(in_use: RoutesInUse, place: Place, wish: Wish) -> int:
    print(_difference(_present(in_use, place).text, ""))
    if not wish.yes and not is_agreed(said(f"Have no routes in use in {place}?")):
        tell_problem("Nothing was changed.")
        return CommandError.exit_code
    in_use.remove()
    print(said(f"In use within {IN_USE_SECONDS} s in {place}: no routes, everything goes to SlackChannel."))
    return 0


def _list_versions(in_use: RoutesInUse) -> int:
    found = list(in_use.versions())
    for version in found:
        what = f"{version.bytes:,} B" if version.is_kept else said("no routes")
        mark = said("in use") if version.is_in_use else ""
        print(printable(f"{version.stored_at:%Y-%m-%d %H:%M:%S} UTC  {version.id}  {what}  {mark}").rstrip())
    if not found:
        print(said("There have been no routes."))
    return 0


def _present(in_use: RoutesInUse, place: Place) -> Stored:
    if stored := in_use.read():
        return stored
    raise CommandError(f"{place} has no routes in use: everything goes to SlackChannel.")


def _stored(in_use: RoutesInUse, place: Place, version_id: str) -> RoutesFile:
    try:
        stored = in_use.read(version_id)
    except ClientError as error:  # S3 says InvalidArgument of what is no version's id, MethodNotAllowed of a removal
        if error.response["Error"]["Code"] not in {"InvalidArgument", "MethodNotAllowed"}:
            raise
        stored = None
    if stored is None:
        raise InputError(f"{place} has no such version of its routes: --versions (VERSIONS=1) lists them.")
    return check(stored.text, version_id)


def _is_same(before: Stored, file: RoutesFile) -> bool:
    """Whether what the function reads is what the text says, which somebody's hand may have changed."""
    document = before.document
    return isinstance(document, dict) and {**document, SOURCE: ""} == {**file.document, SOURCE: ""}


def _difference(before: str, after: str) -> str:
    colours = {"+": _GREEN, "-": _RED} if sys.stdout.isatty() else {}
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm=""))[2:]
    shown = [printable("…" if line.startswith("@@") else line) for line in lines]
    return "\n".join(f"{colours[line[0]]}{line}{_PLAIN}" if line[:1] in colours else line for line in ["", *shown, ""])


def _tell_other_channel(file: RoutesFile, place: Place) -> None:
    stack_channel, channel = place.parameters.get("SlackChannel"), file.routes.routing.default_channel
    if stack_channel and stack_channel != channel:
        note = f"What no route matches goes to {channel}, and no longer to the stack's SlackChannel {stack_channel}."
        print(f"! {said(note)}")


def _everything() -> Policy:
    return Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)


def _settings_of(place: Place) -> Policy:
    """What the stack's parameters ask for, which routes may replace."""
    parameters = place.parameters
    controls = tuple(part.strip() for part in parameters.get("TargetControlIds", "*").split(",") if part.strip())
    return Policy(
        target_control_ids=controls or ("*",),
        min_severity=Severity[parameters.get("MinSeverity", "INFORMATIONAL").upper()],
        honors_lowered=parameters.get("HonorLoweredSeverity", "true").lower() == "true",
    )
