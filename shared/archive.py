"""The S3 bucket of past digests."""

from datetime import datetime
from typing import Any


class Archive:
    """Keeps what each digest sent; `client` is boto3's S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def store_csv(self, scheduled_time: datetime, content: bytes) -> str:
        """Keep a digest's CSV under its scheduled time and return the object's key; doing so again replaces it."""
        key = f"digests/{scheduled_time:%Y/%m/%d/%H%M}Z/open-violations.csv"
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="text/csv; charset=utf-8")
        return key
