"""Puts the parts together: the only place that reads the environment and makes clients."""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.config import Config as ClientConfig

from shared.aws.alert_queue import AlertQueue
from shared.aws.burst_ledger import BurstLedger
from shared.aws.dead_letter import DeadLetterQueue
from shared.aws.ledger import Ledger
from shared.config import Config
from shared.errors import ConfigurationError
from shared.slack.client import Slack
from shared.telemetry import Telemetry
from shared.view.language import LANGUAGES
from shared.view.wording import Wording

if TYPE_CHECKING:
    from shared.aws.archive import Archive
    from shared.aws.digest_record import DigestRecord

TOKEN_LIFETIME_SECONDS = 300

# The alert function has 30 s for ten events: a call that hangs must give up well before.
QUICK = ClientConfig(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
# The digest has minutes. Its scan tries again by itself, at a pace that follows Security Hub's answers.
PATIENT = ClientConfig(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1})
# The archive's files are large.
STEADY = ClientConfig(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})


class App:
    """Settings, and the adapters built from them, each made when it is first needed."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.telemetry = Telemetry()
        self._session: Any = boto3.session.Session()

    def prepare(self) -> None:
        """Make now what the first alert will need."""
        _ = (self.ledger, self.bursts, self.slack, self._secrets)

    @property
    def wording(self) -> Wording:
        return LANGUAGES[self.config.message_language]

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self._dynamodb, self.config.ledger_table)

    @cached_property
    def bursts(self) -> BurstLedger:
        return BurstLedger(self._dynamodb, self.config.ledger_table)

    @cached_property
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @cached_property
    def digest_record(self) -> "DigestRecord":
        from shared.aws.digest_record import DigestRecord  # here, for an alert starts faster without

        return DigestRecord(self._client("dynamodb"), self.config.ledger_table)

    @cached_property
    def slack(self) -> Slack:
        return Slack(channel=self.config.slack_channel, api_url=self.config.slack_api_url, read_token=self._read_token)

    @cached_property
    def alert_queue(self) -> AlertQueue:
        return AlertQueue(self._sqs, self.config.alert_queue_url)

    @cached_property
    def dead_letters(self) -> DeadLetterQueue:
        return DeadLetterQueue(self._sqs, self.config.dead_letter_queue_url)

    @cached_property
    def _sqs(self) -> Any:
        return self._client("sqs")

    @cached_property
    def archive(self) -> "Archive":
        from shared.aws.archive import Archive  # here, for an alert starts faster without

        return Archive(self._client("s3", STEADY), self.config.archive_bucket)

    @cached_property
    def security_hub(self) -> Any:
        return self._client("securityhub")

    @cached_property
    def patient_security_hub(self) -> Any:
        """Security Hub's client for long scans."""
        return self._client("securityhub", PATIENT)

    @cached_property
    def _secrets(self) -> SecretsProvider:
        return SecretsProvider(boto3_client=self._client("secretsmanager"))

    def _client(self, service: str, config: ClientConfig = QUICK) -> Any:
        return self._session.client(service, config=config)

    def _read_token(self, fresh: bool) -> str:
        arn = self.config.slack_secret_arn
        try:
            secret = self._secrets.get(arn, max_age=TOKEN_LIFETIME_SECONDS, transform="json", force_fetch=fresh)
        except TransformParameterError:
            raise _unusable(arn, "is no JSON") from None  # the cause would quote the secret
        except GetParameterError as error:
            raise _unusable(arn, "can't be read") from error
        token = secret.get("token") if isinstance(secret, dict) else None
        if not isinstance(token, str) or not token.strip():
            raise _unusable(arn, "has no text under the key token")
        return token.strip()


def _unusable(arn: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f'the secret {arn} {problem}: store the bot token in it as {{"token": "xoxb-…"}}')


def prepare_on_lambda() -> None:
    """Where Lambda initialises a function, make what its first event will need.

    Lambda gives that a whole CPU, and to an event what the function's memory is worth: of 512 MB, less than a third
    ("Configure Lambda function memory"). Elsewhere importing makes nothing. Wrong settings are told by the first event.
    """
    if _is_on_lambda():
        with suppress(ConfigurationError):
            build_app().prepare()


def build_app(env: Mapping[str, str] | None = None) -> App:
    """The app for these environment variables (the process's own by default), made once for the same settings."""
    if env is None and _is_on_lambda():
        return _app_of_this_process()
    return _app(Config.from_env(os.environ if env is None else env))


@lru_cache(maxsize=1)
def _app(config: Config) -> App:
    return App(config)


@lru_cache(maxsize=1)
def _app_of_this_process() -> App:
    # On Lambda the settings of a process never change, and an event need not wait for them to be read again.
    return _app(Config.from_env(os.environ))


def _is_on_lambda() -> bool:
    return "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ
