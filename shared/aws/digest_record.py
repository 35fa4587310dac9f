"""Which digests went out, in the ledger's table: one item a scheduled time, and one for each channel that gets its own
rows besides."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.table import Item, Table, epoch
from shared.errors import ClaimHeldError, NotRecordedError
from shared.finding.violation import REMEMBERED_FOR
from shared.message import Message
from shared.text import excerpt

# Longer than the function may run, and over when Lambda tries again, a minute later, what timed out (Lambda Developer
# Guide, "How Lambda handles errors and retries with asynchronous invocation").
LEASE = timedelta(seconds=930)
PREFIX = "digest/"  # no violation's key begins so

_FREE = "attribute_not_exists(posted) AND (attribute_not_exists(claimed_until) OR claimed_until < :now)"

Counts = dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far earlier attempts came: whether the archive has the digest, when its message was about to be posted, the
    message, if it is known, and what the digest counted, if it is out and only those of channels may be missing."""

    is_archived: bool = False
    attempted_at: datetime | None = None
    message: Message | None = None
    sent: Counts | None = None


class DigestRecord:
    """Keeps one scheduled time from becoming two digests."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def posted(self, scheduled_time: datetime, channel: str = "") -> Counts | None:
        """What the digest of that time counted, or that of a channel; None if none was posted."""
        return _counts(self._table.get(_key(scheduled_time, channel)).get("posted"))

    @contextmanager
    def claim(self, scheduled_time: datetime, now: datetime, channel: str = "") -> "Iterator[DigestClaim]":
        """Hold a digest, or that of a channel, while it is made and posted; given back at once if that fails.

        Raises ClaimHeldError if another attempt holds it, or has just posted it. A claim that is neither given back nor
        recorded lasts for LEASE: nobody can tell then whether its attempt died before the post or after, and the next
        one posts, for a digest that comes twice is better than none.
        """
        claim = DigestClaim(self._table, _key(scheduled_time, channel), now)
        claim.take()
        try:
            yield claim
        except BaseException:  # whatever ends the attempt, the next one must not wait for its lease; raised on
            claim.give_back()
            raise


class DigestClaim:
    """One attempt's hold on a digest."""

    def __init__(self, table: Table, key: str, now: datetime) -> None:
        self._table = table
        self._key = key
        self._now = now
        self._attempt = uuid4().hex
        self.progress = Progress()

    def take(self) -> None:
        try:
            found = self._table.update(
                self._key,
                "SET claimed_by = :attempt, claimed_until = :until, expires_at = :expiry",
                f"{_FREE} OR claimed_by = :attempt",
                answers="ALL_NEW",
                attempt=self._attempt,
                now=epoch(self._now),
                until=epoch(self._now + LEASE),
                expiry=epoch(self._now + REMEMBERED_FOR),
            )
        except ClaimHeldError as error:
            raise ClaimHeldError(f"another attempt is at work on the {_name(self._key)}; try again later") from error
        self.progress = _progress(found)

    def record_archived(self) -> None:
        """Write that the archive has all of the digest."""
        self._update("SET archived = :yes", yes=True)

    def record_attempt(self, now: datetime) -> None:
        """Write that the message is about to be posted."""
        self._update("SET attempted_at = if_not_exists(attempted_at, :now)", now=epoch(now))

    def record_message(self, message: Message) -> None:
        """Write which message it is; raises NotRecordedError if that can't be written."""
        self.progress = replace(self.progress, message=message)
        with self._as_not_recorded():
            self._update("SET message = :message", message={"channel": message.channel, "ts": message.ts})

    def record_sent(self, counts: Counts) -> None:
        """Write that the digest itself is out, while those of channels are not yet."""
        self._update("SET sent = :counts", counts=counts)

    def record(self, counts: Counts) -> None:
        """Write that the digest is out, and what it counted; raises NotRecordedError if that can't be written."""
        with self._as_not_recorded():
            self._update("SET posted = :counts REMOVE claimed_by, claimed_until", counts=counts)

    def give_back(self) -> None:
        # The lease ends by itself; what matters is the error that led here.
        with suppress(ClaimHeldError, ClientError, BotoCoreError):
            self._table.update(
                self._key, "REMOVE claimed_by, claimed_until", "claimed_by = :attempt", attempt=self._attempt
            )

    @contextmanager
    def _as_not_recorded(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise NotRecordedError(
                f"the {_name(self._key)} is out, but could not be recorded: {excerpt(error)}"
            ) from error

    def _update(self, update: str, **values: Any) -> None:
        self._table.update(self._key, update, None, **values)


def _progress(item: Item) -> Progress:
    attempted_at, message = item.get("attempted_at"), item.get("message")
    return Progress(
        is_archived=bool(item.get("archived")),
        attempted_at=datetime.fromtimestamp(int(attempted_at), UTC) if attempted_at is not None else None,
        message=Message(channel=message["channel"], ts=message["ts"]) if message else None,
        sent=_counts(item.get("sent")),
    )


def _counts(found: Mapping[str, Any] | None) -> Counts | None:
    return None if found is None else {name: int(count) for name, count in found.items()}


def _key(scheduled_time: datetime, channel: str = "") -> str:
    time = scheduled_time.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{PREFIX}{time}/{channel}" if channel else f"{PREFIX}{time}"


def _name(key: str) -> str:
    return key.replace("/", " of ", 1)
