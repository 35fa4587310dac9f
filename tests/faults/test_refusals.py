"""A workspace that refuses something for good, a kind of block, a method or edits: all is told nevertheless, once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.slack.limits import CHECKS
from local.slack.records import Message
from local.terminal import as_text
from tests.faults.conftest import EXHAUSTIVE
from tests.faults.ground import Ground, key_of, ledger_of
from tests.findings import finding, opened, passed

DRAIN_SECONDS = 300
FIRST_DIGEST = datetime(2027, 6, 1, tzinfo=UTC)
AGAIN = {"FirstObservedAt": "2026-11-23T00:00:00.000Z", "UpdatedAt": "2026-11-23T00:00:01.000Z"}
FORBIDDEN = ("missing_scope", "restricted_action", "access_denied", "not_allowed_token_type", "unknown_method")
NOT_EDITED = ("cant_update_message", "edit_window_closed", "message_not_found")
METHODS = (
    "chat.update",
    "chat.getPermalink",
    "conversations.history",
    "conversations.replies",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
)
NO_FILES = ("file_uploads_disabled", "file_type_not_allowed", "storage_limit_reached")

# Each a name and what the workspace refuses: blocks, metadata, or a method with an error.
TRIALS: list[tuple[str, dict[str, Any]]] = [
    *((f"block {kind}", {"unknown_blocks": frozenset({kind})}) for kind in sorted(CHECKS)),
    ("every block", {"unknown_blocks": frozenset(CHECKS)}),
    ("metadata", {"takes_metadata": False}),
    *((f"{method}: {error}", {"method": method, "error": error}) for method in METHODS for error in FORBIDDEN),
    *((f"edit: {error}", {"method": "chat.update", "error": error}) for error in NOT_EDITED),
    *((f"file: {error}", {"method": "files.getUploadURLExternal", "error": error}) for error in NO_FILES),
]
IN_SHORT = {"every block", "metadata", "edit: edit_window_closed", "files.completeUploadExternal: restricted_action"}
CHOSEN = [trial for trial in TRIALS if EXHAUSTIVE or trial[0] in IN_SHORT]


@pytest.fixture
def workspace(ground: Ground) -> Iterator[Ground]:
    kept = ground.channel.unknown_blocks, ground.channel.takes_metadata
    yield ground
    ground.channel.unknown_blocks, ground.channel.takes_metadata = kept
    ground.clear_faults()


@pytest.mark.parametrize(("name", "refused"), CHOSEN, ids=[name for name, _ in CHOSEN])
def test_whatever_a_workspace_refuses_all_is_told_once(workspace: Ground, name: str, refused: dict[str, Any]) -> None:
    ground, number = workspace, [one for one, _ in TRIALS].index(name)
    buckets = [f"refused-{number:03d}-{letter}-x" for letter in "abc"]
    if "method" in refused:
        ground.channel.refuse(**refused)
    for setting in refused.keys() - {"method", "error"}:
        setattr(ground.channel, setting, refused[setting])
    for tell in (opened, passed):
        ground.stack.enqueue_all([tell(bucket) for bucket in buckets])
        ground.drain(DRAIN_SECONDS)
    ground.stack.enqueue_all([opened(bucket, **AGAIN) for bucket in buckets])
    ground.drain(DRAIN_SECONDS)

    said = [(message, as_text(message.payload())) for message in ground.channel.messages]
    for bucket in buckets:
        announced, *others = [(message, text) for message, text in said if bucket in text]
        *news, reopened = others
        assert len(told_of_its_end(ground, announced[0], announced[1], news)) == 1
        assert "Reopened" in reopened[1]
        assert ledger_of(ground.stack)[key_of(opened(bucket))]["state"] == "open"
    assert ground.dead_letters() == []

    ground.demo.hub.import_finding(finding(buckets[0]))
    due = FIRST_DIGEST + timedelta(days=number)
    ground.stack.send_digest(due)
    (digest,) = (
        message
        for message in ground.channel.messages
        if message.thread_ts is None and f"on {due:%Y-%m-%d}" in as_text(message.payload())
    )
    names = [file.name for reply in ground.channel.replies(digest.ts) for file in reply.files]
    if refused.get("method", "").startswith("files."):
        (told,) = ground.channel.replies(digest.ts)
        assert "There is no CSV file here" in told.text
    else:
        assert len([name for name in names if name.startswith("open-violations")]) == 1


def told_of_its_end(ground: Ground, message: Message, shown: str, news: list[tuple[Message, str]]) -> list[str]:
    """Where it is told that a violation is over: in the announcement, which has a reply then, or beside it."""
    edited = [shown] if "Resolved" in shown and len(ground.channel.replies(message.ts)) == 1 else []
    return edited + [text for _, text in news if "Resolved" in text]
