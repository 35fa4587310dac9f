"""The map of controls as AWS has it today. `python -m local.check.refresh` writes it anew, and tells what has changed.

Source: AWS Control Catalog API Reference, "ListControls"; where that may not be read, Security Hub's own list.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from local.check.controls import CONTROLS
from local.check.hub import patiently
from local.errors import CommandError, InputError, tell_problem
from local.words import said
from shared.finding.violation import Severity

_TYPE = "AWS::SecurityHub::SecurityControl"
_ALIAS = "SH."  # before a control's id, as "SH.S3.1"
_ID = re.compile(r"([A-Za-z0-9]+)\.(\d+)")
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What AWS says of a control; `types` has the resource types it is about, where that is told."""

    id: str
    title: str
    severity: str
    types: tuple[str, ...] = ()


def read_controls(session: Any) -> list[Known]:
    """Every control there is, of which AWS says how severe it is; `session` is boto3's. Raises InputError."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        try:
            found = list(_from_catalog(session.client("controlcatalog")))
        except (BotoCoreError, ClientError) as error:
            tell_problem(f"Control Catalog can't be read ({error}); Security Hub is asked instead")
            found = list(_from_hub(session.client("securityhub")))
    except (BotoCoreError, ClientError) as error:
        raise InputError(
            f"neither Control Catalog nor Security Hub can be asked ({error}); it takes AWS credentials with the "
            "permission controlcatalog:ListControls or securityhub:ListSecurityControlDefinitions"
        ) from error
    if not found:
        raise InputError("AWS names no controls of Security Hub: the map stays as it is")
    return found


def refreshed(text: str, controls: list[Known]) -> tuple[str, list[str]]:
    """A map as CSV → the map as AWS has it, and a sentence for each change. Who decides a control stays as it is; what
    AWS doesn't name any more stays, too, for whoever maintains the map to judge."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    by_id = {row["control_id"].lower(): row for row in rows}
    changes = []
    for known in controls:
        row = by_id.get(known.id.lower())
        if row is None:
            before = [place for place, one in enumerate(rows) if _order(one["control_id"]) < _order(known.id)]
            rows.insert(before[-1] + 1 if before else 0, _row(known))
            changes.append(f"{known.id} is new: {known.severity}, {known.title}")
            continue
        if row["severity"] != known.severity:
            changes.append(f"{row['control_id']} was {row['severity']} and is {known.severity}")
        if row["title"] != known.title:
            changes.append(f"{row['control_id']} was called: {row['title']}")
        row |= {"title": known.title, "severity": known.severity}
    named = {known.id.lower() for known in controls}
    changes += [f"{row['control_id']} is named no more" for id_, row in by_id.items() if id_ not in named]
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue(), changes


def refresh(session: Any, file: Path = CONTROLS) -> None:
    """Write the map anew, and print what has changed."""
    controls = read_controls(session)
    text, changes = refreshed(file.read_text(encoding="utf-8"), controls)
    file.write_text(text, encoding="utf-8", newline="")
    for change in changes:
        print(f"  {said(change)}")
    print(said(f"{len(controls)} controls, {len(changes)} changes"))


def _from_catalog(client: Any) -> Iterator[Known]:
    asked = {"MaxResults": PAGE, "Filter": {"Implementations": {"Types": [_TYPE]}}}
    for page in _pages(client.list_controls, asked):
        for one in page["Controls"]:
            aliases = [alias.removeprefix(_ALIAS) for alias in one.get("Aliases") or () if alias.startswith(_ALIAS)]
            id_ = next(iter(aliases), (one.get("Implementation") or {}).get("Identifier") or "")
            if known := _known(id_, one.get("Name"), one.get("Severity"), one.get("GovernedResources") or ()):
                yield known


def _from_hub(client: Any) -> Iterator[Known]:
    for page in _pages(client.list_security_control_definitions, {"MaxResults": PAGE}):
        for one in page["SecurityControlDefinitions"]:
            if known := _known(one["SecurityControlId"], one.get("Title"), one.get("SeverityRating"), ()):
                yield known


def _pages(ask: Any, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    token: dict[str, str] = {}
    while True:
        page = patiently(partial(ask, **asked, **token))
        yield page
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _known(id_: str, title: str | None, severity: str | None, types: Any) -> Known | None:
    """The control, if it is one that the map can hold."""
    if not _ID.fullmatch(id_) or not title or severity is None or severity not in Severity.__members__:
        return None
    return Known(id=id_, title=" ".join(title.split()), severity=severity, types=tuple(types))


def _row(known: Known) -> dict[str, str]:
    return {
        "control_id": known.id,
        "title": known.title,
        "severity": known.severity,
        "standards": "",
        "types": " ".join(known.types),
        "decided_by": "",
        "claimed_by": "",
    }


def _order(id_: str) -> tuple[str, int, str]:
    service, _, number = id_.partition(".")
    return (service.lower(), int(number) if number.isdigit() else 0, id_)


def main() -> int:
    """What the shell gets."""
    import boto3

    try:
        refresh(boto3.session.Session())
    except CommandError as error:
        tell_problem(error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
