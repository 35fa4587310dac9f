"""The settings: every one read and checked once, all problems told at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from shared.errors import ConfigurationError
from shared.finding.violation import Severity
from shared.policy.pattern import may_match_control
from shared.policy.route import is_channel_id
from shared.policy.selection import Policy
from shared.text import excerpt, quoted
from shared.view.language import LANGUAGES

MAX_BURST_LIMIT = 300  # Slack takes a message a second, and a limit counts for five minutes
DEFAULT_SLACK_API_URL = "https://slack.com/api/"

# As the template says them, which refuses the same at once, before anything is deployed.
_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+")
_API_URL = re.compile(r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost|\[::1\]))(:[0-9]+)?(/[A-Za-z0-9._/-]*)?")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a deployment was told. Values that the template gives, and no person chooses, are optional."""

    slack_secret_arn: str
    slack_channel: str
    slack_api_url: str
    policy: Policy
    environment_name: str
    message_language: str
    burst_limit: int
    csv_delimiter: str
    mark_notified: bool
    read_organization: bool
    ledger_table: str
    archive_bucket: str
    alert_queue_url: str
    dead_letter_queue_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Config":
        """Read the settings from environment variables; raises ConfigurationError listing everything that is wrong."""
        settings = _Settings(env)
        config = cls(
            slack_secret_arn=settings.read("SLACK_SECRET_ARN", check_secret_arn),
            slack_channel=settings.read("SLACK_CHANNEL", check_channel),
            slack_api_url=settings.read("SLACK_API_URL", _api_url, DEFAULT_SLACK_API_URL),
            policy=Policy(
                target_control_ids=settings.read("TARGET_CONTROL_IDS", _control_ids, "*"),
                min_severity=settings.read("MIN_SEVERITY", _severity, "INFORMATIONAL"),
                honors_lowered=settings.read("HONOR_LOWERED_SEVERITY", _yes_or_no, "true"),
            ),
            environment_name=settings.read("ENVIRONMENT_NAME", str, ""),
            message_language=settings.read("MESSAGE_LANGUAGE", _language, "en"),
            burst_limit=settings.read("BURST_LIMIT", _burst_limit, "20"),
            csv_delimiter=settings.read("CSV_DELIMITER", _csv_delimiter, ","),
            mark_notified=settings.read("MARK_NOTIFIED", _yes_or_no, "false"),
            read_organization=settings.read("READ_ORGANIZATION", _yes_or_no, "false"),
            ledger_table=settings.read("LEDGER_TABLE", _ledger_table),
            archive_bucket=settings.read("ARCHIVE_BUCKET", str, ""),
            alert_queue_url=settings.read("ALERT_QUEUE_URL", str, ""),
            dead_letter_queue_url=settings.read("DEAD_LETTER_QUEUE_URL", str, ""),
        )
        settings.check()
        return config


class _Settings:
    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._problems: list[str] = []

    def read(self, name: str, parse: Callable[[str], T], default: str = "") -> T:
        value = self._env.get(name, "").strip() or default
        try:
            return parse(value)
        except ValueError as error:
            self._problems.append(f"{name} is {_shown(value)}: {error}" if value else f"{name} is not set: {error}")
            return cast(T, None)  # nobody sees it: check() raises first

    def check(self) -> None:
        if self._problems:
            raise ConfigurationError("The settings need a change:\n" + "\n".join(f"- {one}" for one in self._problems))


def _shown(value: str) -> str:
    return "a Slack token, not shown here" if "xox" in value else quoted(value)


def check_secret_arn(value: str) -> str:
    """The ARN of a secret, whole or without the six characters at its end; raises ValueError for anything else."""
    if not _SECRET_ARN.fullmatch(value):
        raise ValueError('give the ARN of the Secrets Manager secret that holds {"token": "xoxb-…"}')
    return value


def _ledger_table(value: str) -> str:
    if not value:
        raise ValueError("give the name of the DynamoDB table that the template creates")
    return value


def check_channel(value: str) -> str:
    """The ID of a channel; raises ValueError for anything else, such as its name."""
    if not is_channel_id(value):
        raise ValueError("give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack")
    return value


def _api_url(value: str) -> str:
    if not _API_URL.fullmatch(value):
        raise ValueError(
            f"give the address of Slack's Web API, such as {DEFAULT_SLACK_API_URL}; http:// would send the token in "
            "clear, and is for this machine alone"
        )
    return value if value.endswith("/") else f"{value}/"


def _control_ids(value: str) -> tuple[str, ...]:
    patterns = tuple(part.strip() for part in value.split(",") if part.strip())
    wrong = [pattern for pattern in patterns if not may_match_control(pattern)]
    if wrong or not patterns:
        which = excerpt(", ".join(map(_shown, wrong))) or "it"
        raise ValueError(f"{which} can match no control; write control ids such as S3.1, or IAM.*, or *")
    return patterns


def _severity(value: str) -> Severity:
    try:
        return Severity[value.upper()]
    except KeyError:
        raise ValueError(f"give one of {', '.join(Severity.__members__)}") from None


def _language(value: str) -> str:
    if value.lower() not in LANGUAGES:
        raise ValueError(f"give one of {', '.join(LANGUAGES)}")
    return value.lower()


def _burst_limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_BURST_LIMIT:
        raise ValueError(f"give a whole number from 1 to {MAX_BURST_LIMIT}")
    return int(value)


def _csv_delimiter(value: str) -> str:
    if value not in {",", ";"}:
        raise ValueError("give , or ;")
    return value


def _yes_or_no(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise ValueError("give true or false")
    return value.lower() == "true"
