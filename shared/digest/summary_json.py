"""A digest's summary as JSON, which the archive keeps."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.placement import Exemption
from shared.digest.summary import (
    AcceptedCount,
    AccountCount,
    ArchiveProblem,
    Comparison,
    ControlCount,
    LongOpen,
    Shortfall,
    Summary,
    TrendPoint,
    UnknownOwner,
)
from shared.errors import ArchiveFault
from shared.finding.violation import Severity
from shared.text import quoted

SCHEMA = 5
OLDER_SCHEMAS = {1, 2, 3, 4}  # 1: problems of the archive were sentences; they are left out

Content = dict[str, Any]


def encode(summary: Summary) -> str:
    """All of a summary, and, for those who read the file, its `total` and whether it `is_whole`."""
    content = _plain(summary) | {"schema": SCHEMA, "total": summary.total, "is_whole": summary.is_whole}
    return json.dumps(content, ensure_ascii=False, indent=1, default=_time)


def decode(text: str) -> Summary:
    """What `encode` wrote; raises ValueError for anything else."""
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("schema") not in {SCHEMA, *OLDER_SCHEMAS}:
        raise ValueError(f"it is no summary of schema {SCHEMA}")
    try:
        return _summary(content)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it holds no whole summary: {quoted(error)}") from error


def _plain(summary: Summary) -> Content:
    counts = {severity.name: count for severity, count in sorted(summary.counts.items(), reverse=True)}
    parts = {name: _part(getattr(summary, name)) for name in summary.__dataclass_fields__ if name != "counts"}
    return parts | {"counts": counts}


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_part(one) for one in value]
    if isinstance(value, dict):
        return {name: _part(one) for name, one in value.items()}
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _time(value: datetime) -> str:
    return value.isoformat()


def _summary(content: Content) -> Summary:
    return Summary(
        scheduled_time=_read_time(content["scheduled_time"]),
        counts={Severity[name]: int(count) for name, count in content["counts"].items()},
        unreadable=int(content["unreadable"]),
        incomplete=content["incomplete"] and _shortfall(content["incomplete"]),
        controls=tuple(ControlCount(**_severe(one)) for one in content["controls"]),
        control_count=int(content["control_count"]),
        accounts=tuple(AccountCount(**one) for one in content["accounts"]),
        account_count=int(content["account_count"]),
        longest_open=tuple(LongOpen(**_severe(one) | _since(one)) for one in content["longest_open"]),
        comparison=content["comparison"] and _comparison(content["comparison"]),
        archive_problems=tuple(map(_problem, content["archive_problems"])) if content["schema"] > 1 else (),
        trend=tuple(_trend_point(one) for one in content["trend"]),
        caveats=tuple(map(Caveat, content.get("caveats", [Caveat.UNKNOWN]))),
        hidden={Hiding(hiding): _hidden_count(one) for hiding, one in content.get("hidden", {}).items()},
        channel=content.get("channel"),
        channels={str(channel): int(count) for channel, count in content.get("channels", {}).items()},
        accepted=tuple(map(_accepted, content.get("accepted", ()))),
        dropped=int(content.get("dropped", 0)),
        unknown_owners=tuple(UnknownOwner(**one) for one in content.get("unknown_owners", ())),
        unknown_owner_count=int(content.get("unknown_owner_count", 0)),
    )


def _shortfall(content: Content) -> Shortfall:
    told = {name: content[name] for name in Shortfall.__dataclass_fields__}
    return Shortfall(**told | {"controls": tuple(told["controls"])})


def _comparison(content: Content) -> Comparison:
    left = {Fate(fate): int(count) for fate, count in content.get("left", {}).items()}
    return Comparison(**content | _since(content) | {"left": left})


def _hidden_count(content: Content) -> HiddenCount:
    count, since = (None if content[name] is None else int(content[name]) for name in ("count", "since"))
    return HiddenCount(count=count, is_more=content["is_more"] is True, since=since)


def _accepted(content: Content) -> AcceptedCount:
    return AcceptedCount(exemption=Exemption(**content["exemption"]), count=int(content["count"]))


def _problem(content: Content) -> ArchiveProblem:
    return ArchiveProblem(fault=ArchiveFault(content["fault"]), subject=str(content["subject"]))


def _severe(content: Content) -> Content:
    return content | {"severity": Severity(content["severity"])}


def _since(content: Content) -> Content:
    return {"since": _read_time(content["since"])}


def _trend_point(content: Content) -> TrendPoint:
    return TrendPoint(scheduled_time=_read_time(content["scheduled_time"]), total=int(content["total"]))


def _read_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return time
