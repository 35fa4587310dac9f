"""The settings: what is left out, what is wrong, and what people are told about it."""

import time
import traceback
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Config
from shared.errors import ConfigurationError
from shared.finding.violation import Severity
from shared.policy.selection import Policy
from tests.unit.wild import texts

NEEDED = {
    "SLACK_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf",
    "SLACK_CHANNEL": "C0123456789",
    "LEDGER_TABLE": "ledger",
}
OPTIONAL = {
    "SLACK_API_URL": "https://slack-gov.com/api",
    "TARGET_CONTROL_IDS": "S3.1, IAM.*,,*Trail*",
    "MIN_SEVERITY": "high",
    "ENVIRONMENT_NAME": "production",
    "MESSAGE_LANGUAGE": "JA",
    "HONOR_LOWERED_SEVERITY": "False",
    "MARK_NOTIFIED": "True",
    "BURST_LIMIT": "50",
    "CSV_DELIMITER": ";",
    "ARCHIVE_BUCKET": "archive",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111122223333/dead",
}
TOKEN = "xoxb-111-222-not-a-real-token"


def complaint(env: Mapping[str, str]) -> str:
    return str(raised(env))


def raised(env: Mapping[str, str]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as told:
        Config.from_env(env)
    return told.value


def test_settings_that_may_be_left_out_have_defaults() -> None:
    config = Config.from_env(NEEDED)
    assert config.slack_channel == "C0123456789"
    assert config.slack_api_url == "https://slack.com/api/"
    assert config.policy == Policy(target_control_ids=("*",), min_severity=Severity.INFORMATIONAL)
    assert (config.environment_name, config.message_language, config.mark_notified) == ("", "en", False)
    assert (config.archive_bucket, config.dead_letter_queue_url, config.burst_limit) == ("", "", 20)
    assert config.csv_delimiter == ","


def test_settings_are_read_as_people_write_them() -> None:
    config = Config.from_env(NEEDED | OPTIONAL)
    assert config.slack_api_url == "https://slack-gov.com/api/"
    assert config.policy.target_control_ids == ("S3.1", "IAM.*", "*Trail*")
    assert config.policy.min_severity is Severity.HIGH
    assert not config.policy.honors_lowered
    assert (config.environment_name, config.message_language, config.mark_notified) == ("production", "ja", True)
    assert (config.archive_bucket, config.ledger_table, config.burst_limit) == ("archive", "ledger", 50)
    assert config.csv_delimiter == ";"


def test_an_empty_setting_is_one_left_out() -> None:
    assert Config.from_env(NEEDED | dict.fromkeys(OPTIONAL, "  ")) == Config.from_env(NEEDED)


def test_spaces_around_a_value_do_not_matter() -> None:
    assert Config.from_env(NEEDED | {"SLACK_CHANNEL": " C0123456789\n"}) == Config.from_env(NEEDED)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("SLACK_SECRET_ARN", "slack-token", 'ARN of the Secrets Manager secret that holds {"token": "xoxb-…"}'),
        ("SLACK_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*", "ARN of the Secrets Manager"),
        ("SLACK_SECRET_ARN", "arn:aws:ssm:eu-west-1:111122223333:parameter/slack", "ARN of the Secrets Manager"),
        ("SLACK_API_URL", "http://slack.com/api/", "http:// would send the token in clear"),
        ("SLACK_API_URL", "http://127.0.0.1.example.com/api/", "http:// would send the token in clear"),
        ("SLACK_API_URL", "http://127.0.0.1@example.com/api/", "http:// would send the token in clear"),
        ("SLACK_CHANNEL", "#security", "channel ID such as C0123456789"),
        ("SLACK_CHANNEL", "c0123456789", "channel ID such as C0123456789"),
        ("SLACK_API_URL", "slack.com", "such as https://slack.com/api/"),
        ("TARGET_CONTROL_IDS", "S3.1, S3 .2", "'S3 .2' can match no control"),
        ("TARGET_CONTROL_IDS", "S3", "write control ids such as S3.1, or IAM.*, or *"),
        ("TARGET_CONTROL_IDS", ",", "write control ids such as S3.1, or IAM.*, or *"),
        ("MIN_SEVERITY", "SEVERE", "one of INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL"),
        ("MESSAGE_LANGUAGE", "fr", "one of en, ja"),
        ("MARK_NOTIFIED", "yes", "give true or false"),
        ("BURST_LIMIT", "0", "a whole number from 1 to 300"),
        ("BURST_LIMIT", "301", "a whole number from 1 to 300"),
        ("CSV_DELIMITER", "tab", "give , or ;"),
        ("CSV_DELIMITER", ",;", "give , or ;"),
        ("BURST_LIMIT", "ten", "a whole number from 1 to 300"),
        ("BURST_LIMIT", "２０", "a whole number from 1 to 300"),
    ],
)
def test_a_wrong_setting_is_told_by_name_value_and_remedy(name: str, value: str, remedy: str) -> None:
    told = complaint(NEEDED | {name: value})
    assert f"- {name} is {value!r}: " in told
    assert remedy in told
    assert told.count("\n") == 1


def test_a_long_setting_is_told_in_short_and_at_once() -> None:
    started = time.perf_counter()
    for value in ("*" * 100_000 + "!", "a." * 50_000 + "!", ",".join(["S3 .2"] * 10_000)):
        assert len(complaint(NEEDED | {"TARGET_CONTROL_IDS": value})) < 800
    assert time.perf_counter() - started < 1


def test_all_problems_are_told_at_once() -> None:
    told = complaint({"SLACK_CHANNEL": "#security", "MIN_SEVERITY": "SEVERE", "MESSAGE_LANGUAGE": "fr"})
    names = ["SLACK_SECRET_ARN", "SLACK_CHANNEL", "MIN_SEVERITY", "MESSAGE_LANGUAGE", "LEDGER_TABLE"]
    assert [line.split()[1] for line in told.splitlines()[1:]] == names
    assert "SLACK_SECRET_ARN is not set: " in told
    assert "LEDGER_TABLE is not set: " in told


@pytest.mark.parametrize("name", sorted({*NEEDED, *OPTIONAL}))
def test_a_token_pasted_into_a_setting_is_not_repeated(name: str) -> None:
    broken = {"SLACK_SECRET_ARN": ""} if name != "SLACK_SECRET_ARN" else {"SLACK_CHANNEL": ""}
    error = raised(NEEDED | {name: TOKEN} | broken)
    assert TOKEN not in "".join(traceback.format_exception(error))  # its causes, too


@given(st.dictionaries(st.sampled_from(sorted({*NEEDED, *OPTIONAL})) | st.text(), st.text() | texts))
def test_any_environment_is_read_or_refused_with_what_to_change(env: dict[str, str]) -> None:
    assert "The settings need a change:\n- " in complaint(env)  # no text the strategy draws is a secret's ARN


@given(st.fixed_dictionaries({name: texts | st.just(value) for name, value in OPTIONAL.items()}))
def test_any_optional_settings_are_read_or_refused(env: dict[str, str]) -> None:
    assert is_read_or_refused(NEEDED | env)


def is_read_or_refused(env: dict[str, str]) -> bool:
    try:
        return bool(Config.from_env(env).policy.target_control_ids)
    except ConfigurationError as error:
        return "The settings need a change:\n- " in str(error)
