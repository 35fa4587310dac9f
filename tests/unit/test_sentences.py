"""Every sentence of the commands has its Japanese, and none is printed without being put into the reader's language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from local.words import in_japanese
from shared.slack.refusal import REMEDIES
from tests.book import ROOT

# What speaks to a browser, to an SDK, or to whoever works on the project itself.
ELSEWHERE = ("local/page/", "local/panel/", "local/slack/", "local/security_hub/")
FILES_ELSEWHERE = {
    *("local/japanese.py", "local/screenshots.py", "local/chromium.py"),
    *("local/stack/gate.py", "local/stack/guard.py", "local/check/answer.py"),
}
COMMANDS = [
    path
    for path in sorted((ROOT / "local").rglob("*.py"))
    if not (name := path.relative_to(ROOT).as_posix()).startswith(ELSEWHERE)
    and name not in FILES_ELSEWHERE
    and "node_modules" not in path.parts
]
WORDS = re.compile(r"[A-Za-z']{2,}[,:;.]? [a-z']{2,}\b")
JAPANESE_LETTER = re.compile("[ぁ-んァ-ヶ一-龥]")
VALUE = "X1"
# Besides them, what settings are told to be wrong with.
FILES = [*COMMANDS, ROOT / "shared" / "config.py"]
# Commands to type, SQL, styles, patterns of what other programs say, values of AWS.
NO_SENTENCE = re.compile(
    rf"(?:\n?{VALUE}\n  )?make \w+ .*|`shirase .*`|bold .*|(?:UPDATE|DELETE|SELECT) .*|dns error.*"
    r"|Address already in use"
    r"| *<\W?\w+ .*"
    r"|\"digest reading\"|Days open|configuration change"
)
# What is put together from a few parts: tests/local/test_pasted_text.py has the whole of it.
PARTS = (
    "its source is ",
    "it is no event of Security Hub",
    f"{VALUE}is neither an EventBridge event",
    "; it looks like",
)
PRINTERS = {"print", "input", "print_line", "print_folded", "Text", "assemble", "add_task"}


def literals(node: ast.AST, calls: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every text of a program but docstrings, with the names of the calls around it; values in it are VALUE."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body[0].value.value = None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, calls
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values), calls
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value, calls)
    else:
        if isinstance(node, ast.Call):
            calls = (*calls, getattr(node.func, "id", getattr(node.func, "attr", "")))
        for child in ast.iter_child_nodes(node):
            yield from literals(child, calls)


@cache
def sentences(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    found = literals(ast.parse(path.read_text(encoding="utf-8")))
    return [each for each in found if WORDS.search(each[0]) and not NO_SENTENCE.fullmatch(each[0])]


def in_full(text: str, calls: tuple[str, ...]) -> str:
    """As `count_of` has it, which gets only the thing."""
    return f"1 {text}" if calls[-1:] == ("count_of",) else text


def test_every_sentence_of_a_command_has_its_japanese() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in FILES
        for text, calls in sentences(path)
        if not text.startswith(PARTS)
        for line in in_japanese(in_full(text, calls)).splitlines()
        if WORDS.search(line) and not JAPANESE_LETTER.search(line)
    ]
    assert missing == [], "say it in local/japanese.py, too"


@pytest.mark.parametrize("remedy", sorted({*REMEDIES.values()}))
def test_what_helps_where_slack_refuses_has_its_japanese(remedy: str) -> None:
    assert JAPANESE_LETTER.search(in_japanese(f"Slack refuses for now: some_error{remedy}").rpartition("some_error")[2])


def test_no_sentence_is_printed_in_english_alone() -> None:
    printed = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in COMMANDS
        for text, calls in sentences(path)
        if PRINTERS & {*calls} and "said" not in calls
    ]
    assert printed == [], "print what `said` makes of it"
