"""A digest's summary as JSON, which the archive keeps."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.digest.summary import AccountCount, Comparison, ControlCount, LongOpen, Summary, TrendPoint
from shared.errors import ScanIncompleteError
from shared.finding.violation import Severity

SCHEMA = 1
_INCOMPLETE = ("problem", "findings_read", "queries", "unfinished", "controls")

Content = dict[str, Any]


def encode(summary: Summary) -> str:
    """All of a summary, and, for those who read the file, its `total` and whether it `is_whole`."""
    content = _plain(summary) | {"schema": SCHEMA, "total": summary.total, "is_whole": summary.is_whole}
    return json.dumps(content, ensure_ascii=False, indent=1, default=_time)


def decode(text: str) -> Summary:
    """What `encode` wrote; raises ValueError for anything else."""
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ValueError(f"it is no summary of schema {SCHEMA}")
    try:
        return _summary(content)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it holds no whole summary: {error!r}") from error


def _plain(summary: Summary) -> Content:
    counts = {severity.name: count for severity, count in sorted(summary.counts.items(), reverse=True)}
    names = [name for name in summary.__dataclass_fields__ if name not in ("counts", "incomplete")]
    parts = {name: _part(getattr(summary, name)) for name in names}
    return parts | {"counts": counts, "incomplete": _plain_error(summary.incomplete)}


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_part(one) for one in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _plain_error(error: ScanIncompleteError | None) -> Content | None:
    if error is None:
        return None
    return {"message": str(error)} | {name: getattr(error, name) for name in _INCOMPLETE}


def _time(value: datetime) -> str:
    return value.isoformat()


def _summary(content: Content) -> Summary:
    return Summary(
        scheduled_time=_read_time(content["scheduled_time"]),
        counts={Severity[name]: int(count) for name, count in content["counts"].items()},
        unreadable=int(content["unreadable"]),
        incomplete=_error(content["incomplete"]),
        controls=tuple(ControlCount(**_severe(one)) for one in content["controls"]),
        control_count=int(content["control_count"]),
        accounts=tuple(AccountCount(**one) for one in content["accounts"]),
        account_count=int(content["account_count"]),
        longest_open=tuple(LongOpen(**_severe(one) | _since(one)) for one in content["longest_open"]),
        comparison=content["comparison"] and Comparison(**content["comparison"] | _since(content["comparison"])),
        archive_problems=tuple(map(str, content["archive_problems"])),
        trend=tuple(_trend_point(one) for one in content["trend"]),
    )


def _error(content: Content | None) -> ScanIncompleteError | None:
    if content is None:
        return None
    told = {name: content[name] for name in _INCOMPLETE}
    return ScanIncompleteError(content["message"], **told | {"controls": tuple(told["controls"])})


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
