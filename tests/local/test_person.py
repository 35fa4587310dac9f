"""Where a text stands for a person, and where it is part of something else."""

import csv
import io
import json

import pytest

from local.errors import InputError
from local.forget.person import FIXED, Person
from shared.finding.violation_json import decode, encode
from shared.view.csv_file import COMMA, SEMICOLON, csv_rows
from tests.findings import violation


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("alice", "alice", "forgotten"),
        ("alice", "Made by ALICE, for Alice.", "Made by forgotten, for forgotten."),
        ("alice", "arn:aws:iam::111122223333:user/team/alice", "arn:aws:iam::111122223333:user/team/forgotten"),
        ("alice", "malice alices alice_2 alice2", "malice alices alice_2 alice2"),
        ("Alice Example", "owner: alice example (ops)", "owner: forgotten (ops)"),
        ("a.b@example.com", "<A.B@example.com>, mailto:a.b@example.com.", "<forgotten>, mailto:forgotten."),
        ("b@example.com", "a.b@example.com b@example.com.au x+b@example.com", None),
        ("山田", "担当は山田さん", "担当はforgottenさん"),
        ("ｱﾘｽ", "担当は ｱﾘｽ です", "担当は forgotten です"),
        ("Zoë", "zoË and zoëtrope", "forgotten and zoëtrope"),
        (".*", None, None),
        ("a+b(c)", "a+b(c) aab(c)", "forgotten aab(c)"),
    ],
)
def test_a_whole_word_is_forgotten_whatever_its_case(text: str, before: str | None, after: str | None) -> None:
    if before is None:
        with pytest.raises(InputError):
            Person(text)
        return
    assert Person(text).without(before) == (before if after is None else after)
    assert Person(text).is_in(before) is (after is not None and after != before)


def test_json_within_text_is_read_as_such() -> None:
    content = json.dumps({"owner": 'Al "the\nbean" Bean', "findings": ["Al"]})
    assert json.loads(Person("bean").without(content))["owner"] == 'Al "the\nforgotten" forgotten'
    assert Person('Al "the\nbean" Bean'.replace("\n", " ")).without(content) == content
    assert Person("the").is_in({"held": {"content": content}})
    assert Person("al").without({"held": {"content": content}})["held"]["content"] != content
    assert json.loads(Person("al").without(content))["findings"] == ["Al"]  # a name of ours


@pytest.mark.parametrize("text", ["S3.8", "FAILED", "eu-west-1", "111122223333", "AwsS3Bucket", "HIGH", "NEW"])
def test_nothing_that_the_functions_go_by_is_forgotten(text: str) -> None:
    content = encode(violation())
    changed = decode(Person(text).without(content))
    assert changed.key == decode(content).key
    assert {name for name in FIXED if getattr(changed, name, None) != getattr(decode(content), name, None)} == set()


@pytest.mark.parametrize("delimiter", [COMMA, SEMICOLON])
@pytest.mark.parametrize(
    "owner", ['Al "the bean" Bean', "Bean; =Al", "=Bean", "Bean, Al", "12345678901234", "Bean|-Al"]
)
def test_a_row_stays_a_row(owner: str, delimiter: str) -> None:
    found = violation(Resources=[{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::logs", "Tags": {"Owner": owner}}])
    row = csv_rows(found, found.updated_at, "new", delimiter=delimiter)
    changed = Person(owner).without_in_row(row)
    (before,), (after,) = (csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) for text in (row, changed))
    assert after[:-1] == before[:-1]
    assert after[-1].strip("\t'=") == "forgotten"
