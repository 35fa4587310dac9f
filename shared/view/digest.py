"""A digest as one Slack message, which can be read before anyone opens its file.

Limits: Slack documentation, "Block Kit blocks", "Table block".
"""

from collections.abc import Iterator
from itertools import chain

from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import HiddenCount
from shared.digest.summary import ArchiveProblem, Comparison, Shortfall, Summary
from shared.view.exemption import accepted_blocks, exemption_sentences, unknown_owners_line
from shared.view.ranking import accounts_line, control_blocks, longest_open_blocks, more
from shared.view.rich_text import (
    MAX_NOTIFICATION_CHARACTERS,
    Element,
    Payload,
    brief,
    emoji,
    escape,
    fact,
    plain,
    rich_text,
    shorten,
    timestamp,
)
from shared.view.severity import EMOJI, severity_line, worst_first
from shared.view.trend import empty_days, trend_blocks
from shared.view.wording import Wording

MAX_ENVIRONMENT_CHARACTERS = 100
MAX_ARCHIVE_PROBLEMS = 3
MAX_UNFINISHED_CONTROLS = 12
MAX_CONTROL_CHARACTERS = 64
MAX_PROBLEM_CHARACTERS = 300


_NAMED_CAVEATS = (Caveat.SUPPRESSED, Caveat.LOWERED, Caveat.UNDECIDED, Caveat.EXEMPT)


def render_digest(
    summary: Summary,
    wording: Wording,
    environment_name: str,
    date: str,
    *,
    with_chart: bool = True,
    with_table: bool = True,
) -> Payload:
    """The digest of an environment on a date (ISO 8601, its readers' own): {"text", "blocks"}.

    `with_chart` shows the trend in Slack's chart block, which not every workspace takes; else it is a line of text.
    `with_table` shows the controls in Slack's table block; else they are a list.
    """
    heading = _heading(summary, wording, environment_name, date)
    blocks = [
        rich_text([emoji(_mark(summary)), plain(f" {heading}", bold=True)], *_state(summary, wording)),
        *_block(chain(_changes(summary, wording, date), _hidden(summary, wording))),
        *accepted_blocks(summary, wording),
        *longest_open_blocks(summary, wording),
        *_block(chain(accounts_line(summary, wording), unknown_owners_line(summary, wording))),
        *_block(_pointers(summary, wording)),
        *trend_blocks(summary, wording, date, with_chart=with_chart),
        *control_blocks(summary, wording, with_table=with_table),  # last, where older clients show a table in any case
    ]
    return {"text": _notification(summary, wording, heading), "blocks": blocks}


def _block(lines: Iterator[list[Element]]) -> list[Element]:
    """A block of these lines; none if there are none."""
    sections = list(lines)
    return [rich_text(*sections)] if sections else []


def _heading(summary: Summary, wording: Wording, environment_name: str, date: str) -> str:
    if not summary.total:
        sentence = _empty(summary, wording)
    elif summary.incomplete:
        sentence = wording.digest_heading_incomplete
    else:
        sentence = wording.digest_heading_one if summary.total == 1 else wording.digest_heading
    environment = brief(environment_name, MAX_ENVIRONMENT_CHARACTERS)
    return sentence.format(environment=environment, count=f"{summary.total:,}", date=date)


def _empty(summary: Summary, wording: Wording) -> str:
    if not summary.is_whole:
        return wording.digest_unknown
    return wording.digest_empty if summary.caveats or summary.channel else wording.digest_all_well


def _mark(summary: Summary) -> str:
    if summary.total:
        return EMOJI[worst_first(summary.counts)[0][0]]
    return "white_check_mark" if summary.is_whole and Caveat.UNKNOWN not in summary.caveats else "warning"


def _state(summary: Summary, wording: Wording) -> Iterator[list[Element]]:
    """Whose rows they are, what is missing, what is open, and why nothing open doesn't mean that all is well."""
    if summary.channel:
        yield [plain(wording.digest_part)]
    if summary.incomplete:
        yield _warning(wording.digest_incomplete, _incomplete(summary.incomplete, wording))
    if summary.unreadable:
        yield _warning(wording.digest_unreadable.format(count=f"{summary.unreadable:,}"))
    if summary.total:
        yield list(severity_line(summary.counts))
    elif summary.is_whole and summary.caveats:
        yield [plain(" ".join(_caveats(summary.caveats, wording)))]


def _caveats(caveats: tuple[Caveat, ...], wording: Wording) -> Iterator[str]:
    named = [caveat for caveat in _NAMED_CAVEATS if caveat in caveats]
    yield from (wording.digest_caveats[caveat] for caveat in named)
    if not named:
        yield wording.digest_caveats[Caveat.UNKNOWN]


def _incomplete(scan: Shortfall, wording: Wording) -> str:
    why = wording.digest_out_of_time
    if scan.problem:
        why = wording.digest_broken_off.format(problem=brief(scan.problem, MAX_PROBLEM_CHARACTERS))
    missing = wording.digest_rest_unknown
    if scan.controls:
        missing = wording.digest_unfinished.format(
            unfinished=scan.unfinished, queries=scan.queries, controls=_unfinished(scan.controls, wording)
        )
    return wording.digest_missing.format(why=why, count=f"{scan.findings_read:,}", missing=missing)


def _unfinished(controls: tuple[str, ...], wording: Wording) -> str:
    shown = [brief(control, MAX_CONTROL_CHARACTERS) for control in controls[:MAX_UNFINISHED_CONTROLS]]
    return ", ".join([*shown, *more(len(controls) - len(shown), wording)])


def _changes(summary: Summary, wording: Wording, date: str) -> Iterator[list[Element]]:
    """What is new and what is gone since the last digest, or why that isn't told."""
    if summary.comparison:
        changes = plain(
            " · ".join(_compared(summary.comparison, wording, is_part=summary.channel is not None)), bold=True
        )
        opening, ending = wording.bracketed.split("{text}")
        since = [plain(f"  {opening}"), timestamp(summary.comparison.since), plain(ending)]
        yield fact(wording.digest_since, changes, *since)
        if left := list(_unended(summary.comparison, wording)):
            yield fact(wording.digest_left, plain(" · ".join(left), bold=True))
    elif not summary.archive_problems:
        yield [plain(wording.digest_first)]
    if summary.archive_problems:
        yield _archive_problems(summary, wording)
    if not summary.total and summary.is_whole and (days := empty_days(summary, date)):
        yield [plain(wording.digest_calm.format(first=days[0], count=len(days)))]


def _compared(comparison: Comparison, wording: Wording, *, is_part: bool) -> list[str]:
    """What is new, what has ended in which way, and what has moved; from or to one channel if it is of that part."""
    changes = [
        (wording.digest_new, comparison.new),
        (wording.digest_reopened, comparison.reopened),
        (wording.digest_told_again, comparison.told_again),
        *_counts(comparison, wording, are_ends=True),
    ]
    if comparison.resolved and not comparison.left:  # which way a digest of version 0.1 did not tell
        changes.append((wording.digest_resolved, comparison.resolved))
    changes += [
        (wording.digest_moved_here if is_part else wording.digest_moved, comparison.moved),
        (wording.digest_moved_away, comparison.moved_away),
    ]
    told = [sentence.format(count=f"{count:,}") for sentence, count in changes if count]
    is_known = comparison.resolved or (comparison.resolved == 0 and Fate.UNVERIFIED not in comparison.left)
    if not is_known:
        told.append(wording.digest_resolved_unknown)
    return told or [wording.digest_unchanged]


def _unended(comparison: Comparison, wording: Wording) -> Iterator[str]:
    """What is no longer listed and has not ended."""
    for sentence, count in _counts(comparison, wording, are_ends=False):
        yield sentence.format(count=f"{count:,}")


def _counts(comparison: Comparison, wording: Wording, *, are_ends: bool) -> Iterator[tuple[str, int]]:
    for fate in Fate:
        if fate.is_end is are_ends and (count := comparison.left.get(fate, 0)):
            yield wording.fate_counts[fate], count


def _hidden(summary: Summary, wording: Wording) -> Iterator[list[Element]]:
    """What fails and is shown as less than that, or told nowhere, if there may be any."""
    for label, count, since in _hidden_counts(summary, wording):
        yield fact(label, plain(count, bold=True), *([plain(since)] if since else []))
    if summary.dropped:
        count = wording.digest_hidden_count.format(count=f"{summary.dropped:,}")
        yield fact(wording.digest_dropped, plain(count, bold=True))


def _hidden_counts(summary: Summary, wording: Wording) -> Iterator[tuple[str, str, str]]:
    for hiding, found in summary.hidden.items():
        if found.count != 0:
            since = "" if found.since is None else wording.digest_hidden_since.format(since=f"{found.since:,}")
            yield wording.digest_hidden[hiding], _hidden_count(found, wording), since


def _hidden_count(found: HiddenCount, wording: Wording) -> str:
    if found.count is None:
        return wording.digest_hidden_unknown
    sentence = wording.digest_hidden_more if found.is_more else wording.digest_hidden_count
    return sentence.format(count=f"{found.count:,}")


def _archive_problems(summary: Summary, wording: Wording) -> list[Element]:
    label = "" if summary.comparison else wording.digest_not_compared
    shown = [_archive_problem(problem, wording) for problem in summary.archive_problems[:MAX_ARCHIVE_PROBLEMS]]
    return _warning(label, " ".join([*shown, *more(len(summary.archive_problems) - len(shown), wording)]))


def _archive_problem(problem: ArchiveProblem, wording: Wording) -> str:
    sentence = wording.archive_faults[problem.fault].format(subject=problem.subject)
    return brief(sentence, MAX_PROBLEM_CHARACTERS)


def _pointers(summary: Summary, wording: Wording) -> Iterator[list[Element]]:
    """Which files the message's thread has."""
    if summary.total:
        pointer = wording.digest_pointer_incomplete if summary.incomplete else wording.digest_pointer
        yield [emoji("paperclip"), plain(f" {pointer}")]
    if summary.comparison and summary.comparison.resolved:
        yield [emoji("paperclip"), plain(f" {wording.digest_pointer_resolved}")]
    if summary.accepted:
        yield [emoji("paperclip"), plain(f" {wording.digest_pointer_accepted}")]


def _notification(summary: Summary, wording: Wording, heading: str) -> str:
    """What a notification and a screen reader say, in mrkdwn."""
    sentences = [heading]
    if summary.total:
        severities = ", ".join(f"{severity.name} {count:,}" for severity, count in worst_first(summary.counts))
        sentences = [wording.digest_notification.format(heading=heading, severities=severities)]
    if summary.comparison:
        changes = ", ".join(_compared(summary.comparison, wording, is_part=summary.channel is not None))
        sentences.append(wording.digest_notification_changes.format(changes=changes))
        if left := ", ".join(_unended(summary.comparison, wording)):
            sentences.append(wording.labelled.format(label=wording.digest_left, text=left))
    for label, count, since in _hidden_counts(summary, wording):
        sentences.append(wording.labelled.format(label=label, text=f"{count}{since}"))
    sentences += exemption_sentences(summary, wording)
    if summary.incomplete:
        sentences += [wording.digest_incomplete, _incomplete(summary.incomplete, wording)]
    if summary.unreadable:
        sentences.append(wording.digest_unreadable.format(count=f"{summary.unreadable:,}"))
    return escape(shorten(" ".join(sentences), MAX_NOTIFICATION_CHARACTERS))


def _warning(label: str, text: str = "") -> list[Element]:
    parts = [plain(f" {label}", bold=True)] if label else []
    return [emoji("warning"), *parts, *([plain(f" {text}")] if text else [])]
