"""A template that is pasted: which messages would come of it, once it is deployed.

It is checked by the command, in a process of its own: that can be ended, knows nobody's credentials, and stands in an
empty folder, with nothing to read.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.check.engines import are_installed
from local.check.foreseen import foreseen
from local.panel.body import BadRequestError
from local.root import ROOT
from local.stack.child import INSTALLER_NAMES, NAMES, environment
from local.words import said, speaking
from shared.config import Config
from shared.finding.violation import Resource, Severity
from shared.view.alert import render_alert
from shared.view.language import LANGUAGES

Json = dict[str, Any]

NAME = "template.yaml"
MAX_BYTES = 500_000  # CloudFormation takes 1 MB, of S3; 51,200 bytes where a template is pasted
MAX_MESSAGES = 50
TIMEOUT_SECONDS = 60
INSTALLING_SECONDS = 300  # besides, when the engines are not installed yet
_LISTS = {"predicted": "violations", "accepted": "accepted", "undecided": "undecided"}  # by status
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9]+)=.*", re.DOTALL)
_PROBLEM = re.compile(rf"{re.escape(NAME)}(?:, line (?P<line>\d+))?(?:: | )(?P<text>.*)", re.DOTALL)


def check_template(text: str, parameters: Sequence[str], config: Config, language: str, now: datetime) -> Json:
    """{"violations", "accepted", "undecided": [{"control", "severity", "title", "resource", "line", "why", "message"}],
    "left_out": how many violations have no message here, "problems": [{"line", "text"}], "checked", "need_account",
    "without_rule": how many controls}.

    The settings select, and language and environment are those of the messages; `language` is the page's. Raises
    BadRequestError if the template is too large, if a parameter can't be meant, or if the check ends otherwise.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise BadRequestError(f"the template has more than {MAX_BYTES:,} bytes")
    wrong = next((one for one in parameters if not _PARAMETER.fullmatch(one)), None)
    if wrong is not None:
        raise BadRequestError(f"the parameter {wrong!r} is not written as Name=value")
    with TemporaryDirectory(prefix="shirase-check-") as folder:
        # Half of a surrogate pair may be pasted, which a file can't hold.
        Path(folder, NAME).write_text(text, encoding="utf-8", errors="replace")
        told = _run(Path(folder), parameters, config)
    with speaking(language):
        answer: Json = {
            name: [_listed(one) for one in told["found"] if one["status"] == status] for status, name in _LISTS.items()
        }
        predicted = [one for one in told["found"] if one["status"] == "predicted"]
        for listed, one in zip(answer["violations"], predicted[:MAX_MESSAGES], strict=False):
            listed["message"] = _message(one, config, now)
        return answer | {
            "left_out": max(len(predicted) - MAX_MESSAGES, 0),
            "problems": [_problem(problem) for problem in told["problems"]],
            **{name: len(told[name]) for name in ("checked", "need_account", "without_rule")},
        }


def _run(folder: Path, parameters: Sequence[str], config: Config) -> Json:
    command = [
        *(sys.executable, "-P", "-c", "import local.cli; raise SystemExit(local.cli.main())"),
        *("check", NAME, "--format=json"),
        f"--controls={','.join(config.policy.target_control_ids)}",
        f"--min-severity={config.policy.min_severity.name}",
        *(f"--parameters={one}" for one in parameters),
    ]
    limit = TIMEOUT_SECONDS + (0 if are_installed() else INSTALLING_SECONDS)
    process = subprocess.Popen(  # noqa: S603 - the command is ours, without a shell
        command,
        cwd=folder,
        env=environment({"PYTHONPATH": str(ROOT), "MESSAGE_LANGUAGE": "en"}, (*NAMES, *INSTALLER_NAMES)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        out, complaint = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired as error:
        raise BadRequestError(f"the check took more than {limit} s, and was ended") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its engines, too
            process.communicate()
    try:
        return dict(json.loads(out))
    except ValueError as error:
        said_last = next(iter(complaint.strip().splitlines()[-1:]), "the check broke off")
        raise BadRequestError(said_last.removeprefix("✗ ")) from error


def _listed(one: Mapping[str, Any]) -> Json:
    shown = {name: one[name] for name in ("control", "severity", "title", "resource", "line")}
    return shown | {"why": _why(one), "message": None}


def _why(one: Mapping[str, Any]) -> str:
    """Why it is accepted or undecided."""
    if one["status"] == "accepted":
        return said(f"until {one['until']}: {one['reason']}") if one["until"] else str(one["reason"])
    if one["problem"]:
        return said(f"its rule broke off: {one['problem']}")
    return said(f"it depends on: {', '.join(map(said, one['depends_on']))}") if one["depends_on"] else ""


def _problem(problem: str) -> Json:
    if found := _PROBLEM.fullmatch(problem):
        return {"line": int(found["line"]) if found["line"] else None, "text": said(found["text"])}
    return {"line": None, "text": said(problem)}


def _message(one: Mapping[str, Any], config: Config, now: datetime) -> Json:
    """The message that Security Hub's finding would become; what only a deployment gives is a dash."""
    wording = LANGUAGES[config.message_language]
    line = f", line {one['line']}" if one["line"] else ""
    with speaking(config.message_language):
        where = said(f"Predicted from {NAME}{line}: nothing is deployed yet.")
    violation = foreseen(
        Resource(id=one["logical_id"], type=one["type"], name=one["resource"]),
        control_id=one["control"],
        title=one["title"],
        severity=Severity[one["severity"]],
        account_id=one["account"] or "–",
        region=one["region"] or "–",
        at=now,
        reason=where,
        remediation_url=one["remediation"],
    )
    return render_alert(violation, wording, config.environment_name)
