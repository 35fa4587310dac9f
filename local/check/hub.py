"""What a deployed stack asks for, and what its Security Hub has switched on, kept in a file for a day.

Source: Security Hub API Reference, "ListSecurityControlDefinitions" and "BatchGetSecurityControls".
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from local.check.controls import Control
from local.errors import InputError
from local.private import private_folder, write_private
from local.root import ROOT
from shared.finding.violation import Severity

FOLDER = ROOT / ".check"
KEPT_FOR = timedelta(days=1)
MAX_BATCH = 100  # controls of a BatchGetSecurityControls
MAX_TRIES = 6
THROTTLED = {"LimitExceededException", "ThrottlingException", "TooManyRequestsException"}
_SCHEMA = 1
_SETTINGS = {"TargetControlIds": "*", "MinSeverity": "INFORMATIONAL", "MessageLanguage": "en"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubControl:
    """A control as a hub has it. `parameters` has the values that are not the default, by name."""

    title: str
    severity: str
    is_enabled: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A stack's settings, as TargetControlIds, and its hub's controls by id."""

    settings: Mapping[str, str]
    controls: Mapping[str, HubControl]

    @property
    def enabled(self) -> frozenset[str]:
        """The ids, in lower case, of the controls that are switched on."""
        return frozenset(id_.lower() for id_, control in self.controls.items() if control.is_enabled)


def read_hub(stack_name: str, now: datetime) -> Hub:
    """What the file has, if it is not older than a day, or else what AWS answers. Raises InputError."""
    file = FOLDER / f"{_file_name(stack_name)}.json"
    if (kept := _kept(file, now)) is not None:
        return kept
    hub = _asked(stack_name)
    private_folder(FOLDER)
    content = {"schema": _SCHEMA, "read_at": now.isoformat(), **asdict(hub)}
    write_private(file, json.dumps(content, ensure_ascii=False, indent=1))
    return hub


def merged(controls: Iterable[Control], hub: Hub) -> list[Control]:
    """The map with the severities, titles and parameters of the hub, and with what the hub alone knows, for which there
    is no rule."""
    of_hub = {id_.lower(): (id_, control) for id_, control in hub.controls.items()}
    found = []
    for control in controls:
        _, known = of_hub.pop(control.id.lower(), (None, None))
        found.append(_as_in_hub(control, known) if known else control)
    found += [
        Control(
            id=id_,
            title=known.title,
            severity=Severity[known.severity],
            standards=frozenset(),
            types=(),
            decided_by="",
        )
        for id_, known in of_hub.values()
    ]
    return found


def _as_in_hub(control: Control, known: HubControl) -> Control:
    return replace(control, severity=Severity[known.severity], title=known.title, parameters=known.parameters)


def read_definitions(client: Any) -> dict[str, HubControl]:
    """All controls that a hub knows; `client` is boto3's for Security Hub. Raises botocore's errors."""
    titles: dict[str, Mapping[str, Any]] = {}
    token: dict[str, str] = {}
    while True:
        page = patiently(partial(client.list_security_control_definitions, MaxResults=MAX_BATCH, **token))
        titles.update((one["SecurityControlId"], one) for one in page["SecurityControlDefinitions"])
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    found: dict[str, HubControl] = {}
    for batch in _batches(titles, MAX_BATCH):
        answer = patiently(partial(client.batch_get_security_controls, SecurityControlIds=batch))
        told = {one["SecurityControlId"]: one for one in answer["SecurityControls"]}
        # Of what it doesn't tell, nobody knows that it is switched off.
        found.update((id_, _hub_control(titles[id_], told.get(id_, {}))) for id_ in batch)
    return found


def patiently(ask: Callable[[], T]) -> T:
    """What AWS answers, asked again for as long as it wants fewer requests."""
    from botocore.exceptions import ClientError

    for number in range(MAX_TRIES - 1):
        try:
            return ask()
        except ClientError as error:
            if error.response["Error"]["Code"] not in THROTTLED:
                raise
            time.sleep(2.0**number)
    return ask()


def _hub_control(definition: Mapping[str, Any], told: Mapping[str, Any]) -> HubControl:
    parameters = {
        name: next(iter((one.get("Value") or {}).values()), None)  # {"Integer": 30}: its type isn't needed
        for name, one in (told.get("Parameters") or {}).items()
        if one.get("ValueType") == "CUSTOM"
    }
    severity = str(told.get("SeverityRating") or definition.get("SeverityRating"))
    return HubControl(
        title=str(definition.get("Title") or ""),
        severity=severity if severity in Severity.__members__ else Severity.MEDIUM.name,
        is_enabled=told.get("SecurityControlStatus", "ENABLED") == "ENABLED",
        parameters=parameters,
    )


def _asked(stack_name: str) -> Hub:
    from botocore.exceptions import BotoCoreError, ClientError

    from local.stack.lookup import find_stack
    from local.stack.stack import StackError

    try:
        stack = find_stack(stack_name)
        (described,) = stack.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
        given = {one["ParameterKey"]: one["ParameterValue"] for one in described.get("Parameters", [])}
        controls = read_definitions(stack.client("securityhub"))
    except StackError as error:
        raise InputError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise InputError(
            f"the Security Hub of the stack {stack_name} can't be asked ({error}); it takes the permissions "
            "cloudformation:DescribeStacks, securityhub:ListSecurityControlDefinitions and "
            "securityhub:BatchGetSecurityControls"
        ) from error
    return Hub(settings={name: given.get(name) or default for name, default in _SETTINGS.items()}, controls=controls)


def _kept(file: Path, now: datetime) -> Hub | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        read_at = datetime.fromisoformat(content["read_at"])
        if content["schema"] != _SCHEMA or not timedelta() <= now - read_at < KEPT_FOR:
            return None
        controls = {id_: HubControl(**one) for id_, one in content["controls"].items()}
        return Hub(settings=dict(content["settings"]), controls=controls)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # none is there, or one that another version wrote


def _file_name(stack_name: str) -> str:
    """One file a stack, and another where the same name means another account or Region."""
    place = (
        os.environ.get(name, "") for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID")
    )
    named = "-".join(part for part in (stack_name, *place) if part)
    return re.sub(r"[^A-Za-z0-9._-]", "_", named)[:120]


def _batches(values: Iterable[str], size: int) -> Iterator[list[str]]:
    waiting = iter(values)
    while batch := list(islice(waiting, size)):
        yield batch
