"""What other services answered, kept in memory and in the ledger's table, so that they are asked seldom."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.table import Item, Table, epoch, from_epoch

MOST_IN_MEMORY = 20_000  # answers; tags, which anybody may write, say whom is asked about


class LookupCache:
    """Answers by key, each until a time. What DynamoDB doesn't give, or take, is asked for again: nothing raises."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._memory: dict[str, tuple[datetime, Item]] = {}

    def get(self, key: str, now: datetime) -> Item | None:
        """What was answered, if that still counts."""
        if key not in self._memory:
            self._read(key)
        until, answer = self._memory.get(key, (now, {}))
        if until > now:
            return answer
        self._memory.pop(key, None)
        return None

    def put(self, key: str, answer: dict[str, Any], until: datetime) -> None:
        """Keep an answer, of what DynamoDB's items may hold; its time to live is in `expires_at`."""
        self._remember(key, answer, until)
        with suppress(ClientError, BotoCoreError):  # the next process asks again
            self._table.update(
                key, "SET answer = :answer, expires_at = :until", None, answer=answer, until=epoch(until)
            )

    def _read(self, key: str) -> None:
        try:
            item = self._table.get(key)
        except (ClientError, BotoCoreError):
            return
        if "answer" in item:
            self._remember(key, item["answer"], from_epoch(item["expires_at"]))

    def _remember(self, key: str, answer: Item, until: datetime) -> None:
        if len(self._memory) >= MOST_IN_MEMORY:
            self._memory.clear()
        self._memory[key] = (until, answer)
