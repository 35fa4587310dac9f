"""What is to be told → Slack, in the best form it takes.

The content outlives the form: what Slack refuses is told in a simpler way, in another place, or by a sentence. A step
down is only taken once Slack has refused the one before, so that nothing is told twice; what may have arrived is looked
for by its mark, in every place where it may be.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.errors import MessageGoneError, MessageRejectedError, MetadataRefusedError, RefusedError
from shared.message import Message
from shared.slack.client import CHANNEL_PROBLEMS, POSTING_PROBLEMS, TOKEN_PROBLEMS, Slack, SlackFile
from shared.telemetry import Telemetry
from shared.view.mark import bears, files_mark, signed
from shared.view.rich_text import Payload

# What only a person can put right, by Slack's error name; each metric has an alarm that says what to do.
SETUP_METRICS = {
    **dict.fromkeys(TOKEN_PROBLEMS, "SlackTokenRefused"),
    **dict.fromkeys(CHANNEL_PROBLEMS | POSTING_PROBLEMS, "SlackChannelRefused"),
}

Forms = Sequence[Payload]  # of one message, the best one first


class Messenger:
    """Tells the channel; every step down is logged and counted."""

    def __init__(self, *, slack: Slack, telemetry: Telemetry) -> None:
        self._slack = slack
        self._telemetry = telemetry

    def post(self, forms: Forms, mark: Payload, thread: Message | None = None) -> Message:
        """Post a message in the first form that Slack takes, with its mark; raises as Slack's `post` does, and
        MessageRejectedError only if Slack takes none."""
        with_metadata, waiting = True, list(forms)
        while True:
            form = waiting[0]
            try:
                return self._slack.post(form | {"metadata": mark} if with_metadata else signed(form, mark), thread)
            except MetadataRefusedError as error:
                if not with_metadata:
                    raise
                with_metadata = False
                self._step_down("metadata refused", error)
            except MessageRejectedError as error:
                if len(waiting) == 1:
                    raise
                del waiting[0]
                self._step_down("form refused", error)

    def find(self, mark: Payload, since: datetime | None, thread: Message | None = None) -> Message | None:
        """The message that an attempt which began `since` then left there; None as Slack's `find` says."""
        return self._slack.find(lambda message: bears(message, mark), since, thread)

    def post_once(self, forms: Forms, mark: Payload, since: datetime | None, thread: Message | None = None) -> Message:
        """Post a message, unless an attempt that began `since` then left it there (None if there was no such attempt);
        raises as `find` and `post` do."""
        return self.find(mark, since, thread) or self.post(forms, mark, thread)

    def update(self, message: Message, forms: Forms) -> None:
        """Let a message say something else, in the first form that Slack takes; raises as Slack's `update` does, and
        MessageRejectedError only if Slack takes none."""
        waiting = list(forms)
        while True:
            try:
                self._slack.update(message, waiting[0])
            except MessageRejectedError as error:
                if len(waiting) == 1:
                    raise
                del waiting[0]
                self._step_down("form refused", error)
            else:
                return

    def show(self, message: Message, forms: Forms) -> bool:
        """As `update`; whether the message could be changed at all."""
        try:
            self.update(message, forms)
        except RefusedError as error:
            self._step_down("message not changed", error)
            return False
        return True

    def tell(self, forms: Forms, mark: Payload, since: datetime | None, thread: Message) -> None:
        """Tell news once, in a thread or, if that takes none, in the channel, for which they must be enough by
        themselves."""
        # Slack may also take a reply to a message that was deleted, and post it in the channel.
        if self.find(mark, since, thread) or self.find(mark, since):
            return
        try:
            self.post(forms, mark, thread)
        except RefusedError as error:
            self._step_down("thread refused", error)
            self.post(forms, mark)

    def reply(self, text: str, mark: Payload, since: datetime | None, thread: Message) -> bool:
        """Answer in a thread, once; whether the thread takes an answer."""
        try:
            self.post_once([{"text": text}], mark, since, thread)
        except RefusedError as error:
            self._step_down("thread refused", error)
            return False
        return True

    def share(
        self,
        files: Sequence[SlackFile],
        mark: Payload,
        since: datetime | None,
        thread: Message | None,
        *,
        instead: Callable[[str], str],
        comment: str | None = None,
    ) -> None:
        """Share those of the files that an attempt which began `since` then did not, in the thread of the message with
        a mark or, if it is gone, in the channel; where Slack takes no files, what is to be said `instead`, given
        Slack's reason."""
        missing = [file for file in files if not self._slack.has_file(file.name, thread, since)]
        try:
            if missing:
                self._slack.upload(missing, comment=comment, thread=thread)
        except MessageGoneError as error:
            self._step_down("thread refused", error)
            self.share(files, mark, since, None, instead=instead, comment=comment)
        except RefusedError as error:
            self._step_down("files refused", error)
            sentence = [{"text": instead(error.reason)}]
            if thread:
                self.tell(sentence, files_mark(mark), since, thread)
            else:
                self.post_once(sentence, files_mark(mark), since)

    def _step_down(self, what: str, error: RefusedError | MessageRejectedError) -> None:
        self._telemetry.count("MessageSimplified")
        if isinstance(error, RefusedError) and error.reason in TOKEN_PROBLEMS:
            self._telemetry.count(SETUP_METRICS[error.reason])
        self._telemetry.log.warning(what, extra={"why": str(error)})
