"""What a digest ranks: the violations that have been open longest, and the accounts and controls with the most.

Limits: Slack documentation, "Table block".
"""

from collections.abc import Iterator
from datetime import timedelta

from shared.digest.summary import AccountCount, ControlCount, LongOpen, Summary
from shared.view.rich_text import Element, brief, emoji, fact, plain, rich_text
from shared.view.severity import EMOJI
from shared.view.wording import Wording

MAX_LONGEST_OPEN = 5
MAX_ACCOUNTS = 5
MAX_CONTROLS = 10  # with texts of these lengths far below a table's 100 rows and 10,000 characters
MAX_ID_CHARACTERS = 64
MAX_NAME_CHARACTERS = 100
MAX_TITLE_CHARACTERS = 90
NO_BREAK_SPACE = "\u00a0"


def longest_open_blocks(summary: Summary, wording: Wording) -> list[Element]:
    """The violations that have been open longest, with their account where there are several."""
    if not summary.longest_open:
        return []
    several = summary.account_count > 1
    items = [
        {"type": "rich_text_section", "elements": _long_open(one, summary, wording, with_account=several)}
        for one in summary.longest_open[:MAX_LONGEST_OPEN]
    ]
    label = {"type": "rich_text_section", "elements": [plain(wording.digest_longest, bold=True)]}
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": items}
    return [{"type": "rich_text", "elements": [label, bullets]}]


def _long_open(one: LongOpen, summary: Summary, wording: Wording, *, with_account: bool) -> list[Element]:
    what = f"{brief(one.control_id, MAX_ID_CHARACTERS)} {brief(one.title, MAX_TITLE_CHARACTERS)}"
    where = [brief(one.account, MAX_NAME_CHARACTERS)] if with_account else []
    return [
        emoji(EMOJI[one.severity]),
        plain(f" {_age(summary.scheduled_time - one.since, wording)}", bold=True),
        plain("  " + "  ·  ".join([brief(wording.name_of(one.resource_name), MAX_NAME_CHARACTERS), what, *where])),
    ]


def _age(age: timedelta, wording: Wording) -> str:
    """In whole days, as soon as there is one."""
    return wording.duration(timedelta(days=age.days) if age.days > 0 else max(age, timedelta(0)))


def accounts_line(summary: Summary, wording: Wording) -> Iterator[list[Element]]:
    """Where the violations are; nothing if they are all in one account."""
    shown = [_account(account) for account in summary.accounts[:MAX_ACCOUNTS]]
    if shown and summary.account_count > 1:
        label = wording.digest_accounts.format(count=f"{summary.account_count:,}")
        yield fact(label, plain("  ·  ".join([*shown, *more(summary.account_count - len(shown), wording)])))


def _account(account: AccountCount) -> str:
    return f"{brief(account.account_name or account.account_id, MAX_NAME_CHARACTERS)} {account.count:,}"


def control_blocks(summary: Summary, wording: Wording, *, with_table: bool) -> list[Element]:
    """The controls with the most violations, below their caption, as a table or else as a list."""
    shown = summary.controls[:MAX_CONTROLS]
    if not shown:
        return []
    caption = [plain(wording.digest_controls, bold=True)]
    if summary.control_count > len(shown):
        part = wording.digest_controls_part.format(shown=len(shown), count=f"{summary.control_count:,}")
        caption.append(plain(f"  {part}"))
    if not with_table:
        items = [{"type": "rich_text_section", "elements": _line(control)} for control in shown]
        bullets = {"type": "rich_text_list", "style": "bullet", "elements": items}
        return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": caption}, bullets]}]
    table = {
        "type": "table",
        "column_settings": [{"align": "right"}, *[{"align": "left"}] * 2, {"align": "left", "is_wrapped": True}],
        "rows": [[_cell(column) for column in wording.digest_controls_columns], *map(_row, shown)],
    }
    return [rich_text(caption), table]


def _row(control: ControlCount) -> list[Element]:
    return [
        _cell(f"{control.count:,}"),
        rich_text([emoji(EMOJI[control.severity]), plain(f"{NO_BREAK_SPACE}{control.severity.name}")]),
        _cell(brief(control.control_id, MAX_ID_CHARACTERS)),
        _cell(brief(control.title, MAX_TITLE_CHARACTERS)),
    ]


def _line(control: ControlCount) -> list[Element]:
    what = f"{brief(control.control_id, MAX_ID_CHARACTERS)} {brief(control.title, MAX_TITLE_CHARACTERS)}"
    return [emoji(EMOJI[control.severity]), plain(f" {control.count:,}", bold=True), plain(f"  {what}")]


def _cell(text: str) -> Element:
    # Not raw_text, in which some clients see marks of mrkdwn.
    return rich_text([plain(text)])


def more(count: int, wording: Wording) -> list[str]:
    """How many there are beyond those that are shown, if any."""
    return [wording.more.format(count=f"{count:,}")] if count > 0 else []
