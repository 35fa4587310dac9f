"""The part of the ledger's table that look-ups use."""

from typing import Any

from botocore.exceptions import EndpointConnectionError

from shared.aws.lookup_cache import LookupCache
from shared.aws.table import Item, Table


class Lookups(Table):
    """A table in memory, which several processes may share."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.items: dict[str, Item] = {}
        self._is_down = is_down

    def cache(self) -> LookupCache:
        """That of a new process."""
        return LookupCache(self)

    def get(self, key: str) -> Item:
        self._require()
        return self.items.get(key, {})

    def update(self, key: str, update: str, condition: str | None, *, answers: str = "NONE", **values: Any) -> Item:
        self._require()
        self.items[key] = {"answer": values["answer"], "expires_at": values["until"]}
        return {}

    def _require(self) -> None:
        if self._is_down:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")
