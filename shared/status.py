"""What a digest says of each violation that it lists."""

from enum import StrEnum


class Status(StrEnum):
    """What became of a violation since the last digest. Reopened: it was listed before, and was gone in between."""

    NEW = "new"
    OPEN = "open"
    REOPENED = "reopened"
