"""Routes as YAML: what a person wrote, each problem with its line, and nothing guessed."""

import json
import re
from pathlib import Path

import pytest

from local.errors import InputError
from local.root import ROOT
from local.routes.yaml_file import WrongFileError, check, parse, read
from local.words import said
from shared.errors import RoutesError
from shared.policy.route_file import PARTS, parse_routes

ROUTES = Path(__file__).parents[1] / "routes"
LEAST = "version: 1\ndefault: { channel: C0123456789 }\n"
EXPECTED = {
    "unknown_key.yaml": "2: routes[0].severty is no condition; did you mean severity?",
    "no_default.yaml": "1: default.channel is missing: what no route matches needs a place",
    # No reader of YAML takes it for octal, for it has an 8 and a 9; those of YAML 1.2 take its 0 away.
    "account_number.yaml": "2: routes[0].account is the number 12345678901 (YAML read 012345678901 so); "
    "write it in quotes",
    "octal_account_number.yaml": "2: routes[0].account is the number 1402433619 (YAML read 012345670123 as octal); "
    "write it in quotes",
}


def problems(text: str) -> list[str]:
    with pytest.raises(WrongFileError) as told:
        check(text, "routes.yaml")
    return [problem.removeprefix("routes.yaml:") for problem in told.value.problems]


@pytest.mark.parametrize("file", sorted((ROUTES / "wrong").iterdir()), ids=lambda file: str(file.name))
def test_a_wrong_file_is_refused_with_the_sentence_for_it(file: Path) -> None:
    with pytest.raises(WrongFileError) as told:
        read(file)
    assert told.value.problems == [f"{file}:{EXPECTED[file.name]}"]


def test_every_problem_has_its_line_in_the_order_of_the_file() -> None:
    text = "version: 1\nroutes:\n  - severty: HIGH\n    channel: '#x'\n  - drop: true\n    reason:\nmention: 3\n"
    assert [problem.split(" ")[0] + problem.split(" ")[1] for problem in problems(text)] == [
        "1:default.channel",
        "3:routes[0].severty",
        "4:routes[0].channel",
        "6:routes[1].reason",
        "7:mention",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("routes:\n\t- channel: C01\n", "2: has a tab where YAML takes only spaces"),
        ("a: [1\n", "2: is no YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        (
            "a: b: c\n",
            "1: is no YAML: mapping values are not allowed in this context; a text with ': ' in it needs quotes",
        ),
        ("a: \x01\n", "1: has a character that can't be seen"),
        (
            "a: &x [1]\nb: *x\n",
            "1: has * or & without quotes, by which YAML refers to another place: write it in quotes",
        ),
        ("a: [@x]\n", "1: has @ at the start of a text, which YAML keeps for itself: write it in quotes"),
        ("control: *\n", "1: has * or & without quotes, by which YAML refers to another place: write it in quotes"),
        (
            "a: !!python/name:os.system x\n",
            "1: has ! before a name, which is a type: leave it out, or write it in quotes",
        ),
        ("? [a]\n: b\n", "1: has a key that is no text"),
        ("a: 1\n---\na: 2\n", "2: begins a second document: write one"),
        ("x: " + "[" * 50, "1: is nested more than 10 deep"),
        ("[" * 100_000, "1: is nested more than 10 deep"),
    ],
)
def test_what_is_no_yaml_or_more_than_is_needed_is_told_with_its_line(text: str, told: str) -> None:
    found = problems(text)
    assert found == [told] or (text.startswith("[[") and len(found) == 1)


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    text = "version: 1\ndefault:\n  channel: C01\n  channel: C02\nversion: 1\n"
    assert problems(text) == [
        "4: default.channel stands here once more: line 3 has it, too",
        "5: version stands here once more: line 1 has it, too",
    ]


def test_what_the_command_adds_can_not_be_written() -> None:
    assert problems(f"{LEAST}source: x\n") == ["3: source is no part of the file"]


@pytest.mark.parametrize("text", ["NO", "on", "1.10", "12:30", "2027-03-31", "0x1F", "1e3", ".5", "1_000", "+1", "<<"])
def test_a_text_is_what_it_looks_like(text: str) -> None:
    assert parse(f"x: {text}").value == {"x": text}


def test_a_quoted_number_is_a_text_and_a_plain_one_is_none() -> None:
    assert parse("[\"1\", '2', 3, -4, true, ~, null, '']").value == ["1", "2", 3, -4, True, None, None, ""]


def test_a_file_may_begin_with_a_mark_and_end_its_lines_as_windows_does(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert read(file).text == LEAST


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (LEAST.encode("utf-16"), "is UTF-16"),
        ("# 担当チームのルーティング、ここから\n".encode("cp932"), "is Japanese text in CP932"),
        (b"PK\x03\x04", "is compressed (zip)"),
        (b"#" * 1_000_001, "has more than 1,000,000 bytes"),
    ],
)
def test_what_is_no_such_file_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"routes\.yaml") as error:
        read(file)
    assert told in str(error.value)


def test_the_largest_file_is_read_and_its_json_means_the_same() -> None:
    text = "".join(
        [
            "version: 1\nowners:\n",
            *(f"  team-{number}: {{ group: S0{number}, email: t{number}@example.com }}\n" for number in range(2000)),
            "find_owner:\n- account:\n",
            *(f'    "{number:012}": team-{number % 2000}\n' for number in range(5000)),
            "routes:\n",
            *(f'- {{ control: S3.{number}, account: "{number:012}", channel: C0{number} }}\n' for number in range(200)),
            "default: { channel: C0123456789 }\n",
        ]
    )
    file = check(text, "routes.yaml")
    assert parse_routes(json.loads(json.dumps(file.document))) == file.routes


def test_every_sentence_on_a_wrong_file_is_there_in_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_LANGUAGE", "ja")
    everything_wrong = {
        "version": 2,
        "owners": {"a,b": {"group": "x", "user": "x", "email": "x", "channel": "#x"}, "c": {}, "C": {"grup": 1}},
        "find_owner": [{"tag": []}, {"account": {"1": "zz"}}, {}, {"tags": 1}, {"default": "c"}, {"tag": "x"}],
        "routes": [
            {"control": "S3", "severity": "x", "account": "x", "region": "?", "ou": "x", "mention": "x", "also": [1]},
            {"drop": 1, "reason": "", "channel": "C01"},
            {"channel": "C01", "reason": "x", "severity": "LOW", "min_severity": "HIGH"},
            {"channel": "C01"},
            {"channel": "C02", "control": "S3.1"},
            {"channel": [], "tag": {"x": "\x1b", "y": "y" * 300}},
        ],
        "select": {"x": 1, "min_severity": "x"},
        "exceptions": [{}, {"control": [], "until": "x"}, {"control": ["*"] * 6000}],
        "default": {"x": 1},
        "mention": {"x": 1, "most": -1},
        "digest": {"x": 1, "channels": "x"},
        "x": 1,
    }
    with pytest.raises(RoutesError) as told:
        parse_routes(everything_wrong)
    problems = told.value.problems
    assert len(problems) > 40
    assert [one for one in problems if not re.search("[ぁ-ん]", said(f"routes.yaml:3: {one}"))] == []


def test_the_annotated_example_is_valid_and_shows_every_part() -> None:
    example = read(ROOT / "routes.example.yaml")
    assert set(example.document) == set(PARTS)
    assert len(example.routes.channels) > 1
