"""The dead-letter queue of a stack's alerts: every letter read at once, some put back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from local.interrupt import uninterrupted
from local.redrive.dead_letter import DeadLetter, count_of_letters, parse_letter
from local.stack.stack import Stack, StackError
from shared.text import excerpt

HELD_SECONDS = 900  # enough to put back thousands; and so long at most a crash of this program hides letters
WAIT_SECONDS = 1  # a receive that waits asks all of SQS's servers; one that doesn't may miss letters
QUIET_RECEIVES = 3
MAX_BATCH_LETTERS = 10
MAX_BATCH_BYTES = 1024 * 1024  # SQS Developer Guide, "Amazon SQS message quotas"
VISIBLE, HELD = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
RETENTION = "MessageRetentionPeriod"
# What SQS answers where there is nothing to show again: the letter is visible already, or someone deleted it.
NOT_HELD = {"InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid"}


class DeadLetterQueue:
    """Reads the dead letters of a stack's alert queue, and puts them back or deletes them.

    `unread` is about how many letters it did not get, `retention` how long SQS keeps one; known once they are held.
    """

    def __init__(self, stack: Stack) -> None:
        self._sqs = stack.client("sqs")
        self._url = _output(stack, "AlertDeadLetterQueueUrl")
        self._alert_queue_url = _output(stack, "AlertQueueUrl")
        self._held: dict[str, DeadLetter] = {}
        self.unread = 0
        self.retention = timedelta()

    @contextmanager
    def held(self) -> Iterator[list[DeadLetter]]:
        """Every dead letter, hidden from other readers within the with-block; what is left is visible after it."""
        try:
            self._receive_all()
            yield list(self._held.values())
        finally:
            with uninterrupted():
                self._release()

    def put_back(self, letters: Iterable[DeadLetter]) -> Iterator[str | None]:
        """Move held letters to the alert queue, telling the problem with each, None if there was none.

        Deleted only once sent: what fails in between is repeated rather than lost.
        """
        for batch in batches(letters):
            with uninterrupted():
                refused = self._send(batch)
                sent = [letter for letter in batch if letter.id not in refused]
                kept = self._delete(sent, "put back, but not deleted from the dead letters")
                for letter in batch:
                    yield refused.get(letter.id) or kept.get(letter.id)

    def delete(self, letters: Iterable[DeadLetter]) -> Iterator[str | None]:
        """Delete held letters for good, telling the problem with each, None if there was none."""
        for batch in batches(letters):
            with uninterrupted():
                kept = self._delete(batch, "not deleted")
                for letter in batch:
                    yield kept.get(letter.id)

    def _receive_all(self) -> None:
        before = self._attributes()
        quiet = 0
        while quiet < QUIET_RECEIVES:
            known = len(self._held)
            is_full = self._receive() == MAX_BATCH_LETTERS
            if len(self._held) == known or not (is_full or self._attributes()[VISIBLE]):
                quiet += 1
        counts = [numbers[VISIBLE] + numbers[HELD] for numbers in (before, self._attributes())]
        self.unread = max(0, min(counts) - len(self._held))  # SQS counts late: the lower is the likelier
        self.retention = timedelta(seconds=before[RETENTION])

    def _receive(self) -> int:
        """Hold some letters more; how many SQS handed out."""
        with uninterrupted():  # a receive that is cut off hides what nobody then knows of
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=MAX_BATCH_LETTERS,
                VisibilityTimeout=HELD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
            letters = [parse_letter(message) for message in answer.get("Messages", [])]
            self._held |= {letter.id: letter for letter in letters}
        return len(letters)

    def _attributes(self) -> dict[str, int]:
        """About how many letters are visible, and held by some reader; and for how many seconds each is kept."""
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[VISIBLE, HELD, RETENTION])
        return {name: int(value) for name, value in answer["Attributes"].items()}

    def _send(self, batch: list[DeadLetter]) -> dict[str, str]:
        """Which letters the alert queue refused, by id, and why."""
        entries = [{"Id": letter.id, "MessageBody": letter.body} for letter in batch]
        answer = self._sqs.send_message_batch(QueueUrl=self._alert_queue_url, Entries=entries)
        return {one["Id"]: f"not put back: {_told(one)}" for one in answer.get("Failed", [])}

    def _delete(self, batch: list[DeadLetter], state: str) -> dict[str, str]:
        """Which letters could not be deleted, by id, the state they are in, and why."""
        if not batch:
            return {}
        entries = [{"Id": letter.id, "ReceiptHandle": letter.receipt_handle} for letter in batch]
        answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        failed = {one["Id"]: f"{state}: {_told(one)}" for one in answer.get("Failed", [])}
        for letter in batch:
            if letter.id not in failed:
                del self._held[letter.id]
        return failed

    def _release(self) -> None:
        failed = []
        for batch in batches(self._held.values()):
            entries = [
                {"Id": letter.id, "ReceiptHandle": letter.receipt_handle, "VisibilityTimeout": 0} for letter in batch
            ]
            answer = self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            failed += [one for one in answer.get("Failed", []) if one["Code"].rpartition(".")[2] not in NOT_HELD]
        if failed:
            raise StackError(
                f"{count_of_letters(len(failed))} could not be shown again ({_told(failed[0])}); "
                f"SQS does that by itself within {HELD_SECONDS // 60} minutes"
            )


def batches(letters: Iterable[DeadLetter]) -> Iterator[list[DeadLetter]]:
    """The letters in as many requests as SQS needs: ten at most, and no more bytes than a request may have."""
    batch: list[DeadLetter] = []
    size = 0
    for letter in letters:
        length = len(letter.body.encode())
        if batch and (len(batch) == MAX_BATCH_LETTERS or size + length > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += length
    if batch:
        yield batch


def _output(stack: Stack, name: str) -> str:
    if name not in stack.outputs:
        raise StackError(f"the stack {stack.name} has no output {name}: it is not one of shirase's, or an old one")
    return stack.outputs[name]


def _told(failure: dict[str, Any]) -> str:
    return excerpt(f"{failure['Code']} {failure.get('Message', '')}".strip())
