"""Puts the parts together: the only place that reads the environment and the clock, and makes clients."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config as ClientConfig

from shared.aws.alert_queue import AlertQueue
from shared.aws.burst_ledger import BurstLedger
from shared.aws.dead_letter import DeadLetterQueue
from shared.aws.ledger import Ledger
from shared.aws.secret import Secret
from shared.aws.settings import SettingsFile
from shared.aws.table import Table
from shared.aws.workflow import Workflow
from shared.config import Config
from shared.errors import ConfigurationError
from shared.pipeline.alert import AlertPipeline
from shared.pipeline.batch import BatchPipeline
from shared.pipeline.burst import BurstPipeline
from shared.pipeline.messenger import Messenger
from shared.pipeline.router import Router
from shared.pipeline.routes_in_use import RoutesInUse
from shared.pipeline.telling import Teller
from shared.slack.client import PATIENCE_SECONDS, Slack
from shared.telemetry import Telemetry
from shared.view.language import LANGUAGES
from shared.view.wording import Wording

if TYPE_CHECKING:
    from shared.aws.archive import Archive
    from shared.aws.lookup_cache import LookupCache
    from shared.pipeline.accounts import Accounts
    from shared.pipeline.digest import DigestPipeline
    from shared.pipeline.people import People
    from shared.pipeline.sweep import SweepPipeline
    from shared.policy.routes import Routes

# The alert function has 30 s for ten events: a call that hangs must give up well before.
QUICK = ClientConfig(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
# An alert waits for what says where it goes, but for two seconds and a pause between: then it goes without.
PRESSED = ClientConfig(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
# One look-up takes several calls, which share their time.
SHARING = ClientConfig(connect_timeout=1, read_timeout=0.8, retries={"mode": "standard", "total_max_attempts": 1})
# The digest has minutes. Its scan tries again by itself, at a pace that follows Security Hub's answers.
PATIENT = ClientConfig(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1})
# The archive's files are large.
STEADY = ClientConfig(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
# A digest that Slack asks to wait waits by itself, for a failure would set off an alarm.
DIGEST_PATIENCE_SECONDS = 60
# For people, and as much for accounts, of one alert or one digest; a look-up that has begun may take two more.
ALERT_LOOKUP_SECONDS, DIGEST_LOOKUP_SECONDS = 1, 120


class App:
    """Settings, and everything built from them, each part made when it is first needed.

    Whoever needs another Security Hub, Slack or clock hands it in: `security_hub` is boto3's Security Hub client.
    """

    def __init__(
        self,
        config: Config,
        *,
        security_hub: Any = None,
        slack: Slack | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.config = config
        self.telemetry = Telemetry()
        self._session: Any = boto3.session.Session()
        self._given_security_hub = security_hub
        self._given_slack = slack
        self._clock = clock or _utc_now

    def prepare(self) -> None:
        """Make now what the first alert will need."""
        _ = (self.batches, self._secrets)
        self.router.policy(self._clock())  # reads the routes

    @cached_property
    def batches(self) -> BatchPipeline:
        return BatchPipeline(
            alerts=self.alerts,
            bursts=self.bursts,
            queue=self._alert_queue,
            dead_letters=self._dead_letters,
            telemetry=self.telemetry,
            clock=self._clock,
        )

    @cached_property
    def alerts(self) -> AlertPipeline:
        return AlertPipeline(
            router=self.router,
            ledger=Ledger(self._table),
            bursts=self.bursts,
            teller=self._teller,
            telemetry=self.telemetry,
        )

    @cached_property
    def _teller(self) -> Teller:
        return Teller(
            router=self.router,
            bursts=self.bursts,
            slack=self.slack,
            messenger=self._messenger,
            workflow=Workflow(self._security_hub(QUICK)) if self.config.mark_notified else None,
            wording=self.wording,
            environment_name=self.config.environment_name,
            telemetry=self.telemetry,
        )

    @cached_property
    def bursts(self) -> BurstPipeline:
        return BurstPipeline(
            ledger=BurstLedger(self._table),
            messenger=self._messenger,
            queue=self._alert_queue,
            find_archive=lambda: self._archive,
            limit=self.config.burst_limit,
            csv_delimiter=self.config.csv_delimiter,
            wording=self.wording,
            environment_name=self.config.environment_name,
            telemetry=self.telemetry,
        )

    @cached_property
    def sweeps(self) -> "SweepPipeline":
        from shared.pipeline.sweep import SweepPipeline

        if self._alert_queue is None:
            raise ConfigurationError("ALERT_QUEUE_URL is not set: give the URL of the queue that the template creates")
        return SweepPipeline(ledger=Ledger(self._table), queue=self._alert_queue, telemetry=self.telemetry)

    @cached_property
    def digests(self) -> "DigestPipeline":
        from shared.aws.digest_record import DigestRecord  # here, for an alert starts faster without
        from shared.aws.scan import Scan
        from shared.pipeline.channel_digest import ChannelDigests
        from shared.pipeline.counting import Counting
        from shared.pipeline.delivery import Delivery
        from shared.pipeline.digest import DigestPipeline
        from shared.pipeline.edition import Press
        from shared.pipeline.gathering import Gathering
        from shared.pipeline.inquiry import Inquiry
        from shared.pipeline.placing import Placing
        from shared.pipeline.sheet import Sheets

        told = {"telemetry": self.telemetry}
        timed: dict[str, Any] = {"clock": self._clock, **told}
        scan, record = Scan(self._security_hub(PATIENT)), DigestRecord(self._table)
        sheets = Sheets(wording=self.wording, csv_delimiter=self.config.csv_delimiter)

        def delivery(patience: float, channel: str | None = None) -> Delivery:
            slack = self._slack(patience, lambda: self.digest_router)
            messenger = self._messenger_of(slack, lambda: self.digest_router)
            return Delivery(messenger=messenger, channel=channel, wording=self.wording, **timed)

        return DigestPipeline(
            record=record,
            router=self.digest_router,
            gathering=Gathering(scan=scan, archive=self._archive, **told),
            inquiry=Inquiry(scan=scan, queue=self._alert_queue, **timed),
            counting=Counting(scan=scan, **timed),
            placing=Placing(router=self.digest_router, queue=self._alert_queue, **timed),
            press=Press(archive=self._archive, sheets=sheets, **told),
            delivery=delivery(DIGEST_PATIENCE_SECONDS),
            channel_digests=ChannelDigests(
                record=record,
                archive=self._archive,
                sheets=sheets,
                delivery_to=lambda channel: delivery(PATIENCE_SECONDS, channel),
                sleep=time.sleep,
                **timed,
            ),
            **timed,
        )

    @cached_property
    def router(self) -> Router:
        """For an alert, which waits for nobody."""
        return self._router(PRESSED, ALERT_LOOKUP_SECONDS)

    @cached_property
    def digest_router(self) -> Router:
        """For a digest, which has minutes."""
        return self._router(STEADY, DIGEST_LOOKUP_SECONDS)

    def _router(self, reading: ClientConfig, lookup_seconds: float) -> Router:
        bucket = self.config.archive_bucket
        file = SettingsFile(self._client("s3", reading), bucket) if bucket else None
        routes = RoutesInUse(file=file, parse=_parse_routes, telemetry=self.telemetry)
        # Made when somebody is first looked up, for an alert starts faster without.
        accounts = lru_cache(partial(self._accounts, lookup_seconds))
        people = lru_cache(partial(self._people, lookup_seconds))
        return Router(
            settings=self.config.policy,
            channel=self.config.slack_channel,
            read_routes=routes.read,
            account_of=lambda account_id, now: accounts().find(account_id, now),
            find_person=lambda email, now: people().find(email, now),
            telemetry=self.telemetry,
        )

    def _accounts(self, lookup_seconds: float) -> "Accounts":
        from shared.aws.organization import Organization
        from shared.pipeline.accounts import Accounts
        from shared.pipeline.patience import Patience

        organization = Organization(self._client("organizations", SHARING)) if self.config.read_organization else None
        return Accounts(
            organization=organization,
            cache=self._lookups,
            patience=Patience(lookup_seconds),
            telemetry=self.telemetry,
        )

    def _people(self, lookup_seconds: float) -> "People":
        from shared.pipeline.patience import Patience
        from shared.pipeline.people import People
        from shared.slack.directory import Directory

        directory = Directory(api_url=self.config.slack_api_url, read_token=self._read_token)
        return People(
            directory=directory, cache=self._lookups, patience=Patience(lookup_seconds), telemetry=self.telemetry
        )

    @cached_property
    def _lookups(self) -> "LookupCache":
        from shared.aws.lookup_cache import LookupCache  # here, for an alert starts faster without

        return LookupCache(self._table)

    @property
    def wording(self) -> Wording:
        return LANGUAGES[self.config.message_language]

    @cached_property
    def slack(self) -> Slack:
        return self._slack(PATIENCE_SECONDS, lambda: self.router)

    def _slack(self, patience: float, find_router: Callable[[], Router]) -> Slack:
        return self._given_slack or Slack(
            api_url=self.config.slack_api_url,
            read_token=self._read_token,
            is_in_use=lambda channel: channel in self._channels(find_router()),
            patience=patience,
        )

    @property
    def _read_token(self) -> Callable[[bool], str]:
        return Secret(self._secrets, self.config.slack_secret_arn).read_token

    @cached_property
    def _messenger(self) -> Messenger:
        return self._messenger_of(self.slack, lambda: self.router)

    def _messenger_of(self, slack: Slack, find_router: Callable[[], Router]) -> Messenger:
        return Messenger(
            slack=slack,
            channels=lambda: self._channels(find_router()),
            wording=self.wording,
            telemetry=self.telemetry,
        )

    def _channels(self, router: Router) -> tuple[str, ...]:
        return router.channels(self._clock())

    @cached_property
    def _table(self) -> Table:
        return Table(self._client("dynamodb"), self.config.ledger_table)

    @cached_property
    def _alert_queue(self) -> AlertQueue | None:
        url = self.config.alert_queue_url
        return AlertQueue(lambda: self._sqs, url) if url else None

    @cached_property
    def _dead_letters(self) -> DeadLetterQueue | None:
        url = self.config.dead_letter_queue_url
        return DeadLetterQueue(lambda: self._sqs, url) if url else None

    @cached_property
    def _sqs(self) -> Any:
        return self._client("sqs")

    @cached_property
    def _archive(self) -> "Archive | None":
        from shared.aws.archive import Archive  # here, for an alert starts faster without

        bucket = self.config.archive_bucket
        return Archive(self._client("s3", STEADY), bucket) if bucket else None

    @cached_property
    def _secrets(self) -> SecretsProvider:
        return SecretsProvider(boto3_client=self._client("secretsmanager"))

    def _security_hub(self, config: ClientConfig) -> Any:
        return self._given_security_hub or self._client("securityhub", config)

    def _client(self, service: str, config: ClientConfig = QUICK) -> Any:
        return self._session.client(service, config=config)


def _parse_routes(document: object) -> "Routes":
    from shared.policy.route_file import parse_routes  # here, for an alert starts faster where there are none

    return parse_routes(document)


def prepare_on_lambda() -> None:
    """Where Lambda initialises a function, make what its first event will need.

    Lambda gives that a whole CPU, and to an event what the function's memory is worth: of 512 MB, less than a third
    ("Configure Lambda function memory"). Elsewhere importing makes nothing. Wrong settings are told by the first event.
    """
    if _is_on_lambda():
        with suppress(ConfigurationError):
            build_app().prepare()


def build_app(env: Mapping[str, str] | None = None, **given: Any) -> App:
    """The app for these environment variables (the process's own by default), made once for the same settings; anew
    where other collaborators are `given`, by App's names for them."""
    if given:
        return App(Config.from_env(os.environ if env is None else env), **given)
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


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _is_on_lambda() -> bool:
    return "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ
