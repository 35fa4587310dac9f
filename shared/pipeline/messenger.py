"""What is to be told → Slack, in the best form it takes.

The content outlives the form: what Slack refuses is told in a simpler way, in another place, or by a sentence. A step
down is only taken once Slack has refused the one before, so that nothing is told twice; what may have arrived is looked
for by its mark, in every place where it may be.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shared.errors import (
    MessageGoneError,
    MessageRejectedError,
    MetadataRefusedError,
    RefusedError,
    ShiraseError,
    SlackError,
)
from shared.message import Message, Place
from shared.slack.client import Slack, SlackFile
from shared.slack.refusal import CHANNEL_PROBLEMS, POSTING_PROBLEMS, TOKEN_PROBLEMS
from shared.telemetry import Telemetry
from shared.view.alert import render_redirected
from shared.view.mark import bears, files_mark, signed
from shared.view.plain_text import forms_of
from shared.view.rich_text import Payload
from shared.view.wording import Wording

REFUSED_FOR = timedelta(minutes=1)  # after which a channel that refused is asked again

# What only a person can put right, by Slack's error name; each metric has an alarm that says what to do.
SETUP_METRICS = {
    **dict.fromkeys(TOKEN_PROBLEMS, "SlackTokenRefused"),
    **dict.fromkeys(CHANNEL_PROBLEMS | POSTING_PROBLEMS, "SlackChannelRefused"),
}

Forms = Sequence[Payload]  # of one message, the best one first


class Messenger:
    """Tells the channels; every step down is logged and counted. `channels` are those in use by now, the default one
    first."""

    def __init__(
        self, *, slack: Slack, channels: Callable[[], Sequence[str]], wording: Wording, telemetry: Telemetry
    ) -> None:
        self._slack = slack
        self._channels = channels
        self._wording = wording
        self._telemetry = telemetry
        self._refusals: dict[str, tuple[str, datetime]] = {}  # by channel: the error's name, and until when it counts

    @property
    def default_channel(self) -> str:
        return self._channels()[0]

    def refusal_of(self, channel: str, now: datetime) -> str | None:
        """The error with which a channel refused a message a moment ago; None if it did not, or has no other to take
        its place."""
        reason, until = self._refusals.get(channel, ("", now))
        return reason if now < until and channel != self.default_channel else None

    def note_refusal(self, channel: str, error: SlackError, now: datetime) -> bool:
        """Whether an error says that another channel has to take what goes to this one; it does, then, for a while."""
        if error.reason not in CHANNEL_PROBLEMS | POSTING_PROBLEMS or channel == self.default_channel:
            return False
        self._refusals[channel] = (error.reason, now + REFUSED_FOR)
        self._count_setup(error)
        self._telemetry.log.warning("channel refused", extra={"channel": channel, "why": str(error)})
        return True

    def announce(self, forms: Forms, mark: Payload, channel: str, now: datetime) -> Message:
        """Post a message to a channel or, if that refuses it, or did so a moment ago, to the default one, below a line
        that says so. Raises as `post` does."""
        refusal = self.refusal_of(channel, now)
        if refusal is None:
            try:
                return self.post(forms, mark, channel)
            except SlackError as error:
                if not self.note_refusal(channel, error, now):
                    raise
                refusal = error.reason
        redirected = render_redirected(forms[0], channel, refusal, self._wording)
        return self.post(forms_of(redirected), mark, self.default_channel)

    def find_announced(self, mark: Payload, since: datetime | None, channel: str) -> Message | None:
        """The message that an attempt which began `since` then left where `announce` posts it."""
        if since is None:
            return None
        places = dict.fromkeys((channel, self.default_channel))
        return next((found for place in places if (found := self.find(mark, since, place))), None)

    def post_beside(self, form: Payload, channels: Sequence[str], about: str) -> None:
        """Post a message to channels that may do without it: what fails is logged, and not tried again."""
        for channel in channels:
            try:
                self._slack.post(form, channel)
            except ShiraseError as error:
                self.note_failure(error, channel, about)
                if isinstance(error, SlackError) and error.may_have_arrived:
                    return  # Slack is slow, or away: the other events of the batch have waited for long enough

    def note_failure(self, error: ShiraseError, channel: str, about: str) -> None:
        """Tell of what isn't posted to a channel that may do without it."""
        self._count_setup(error)
        told = {"channel": channel, "violation": about, "why": str(error)}
        self._telemetry.log.warning("channel not told", extra=told)

    def post(self, forms: Forms, mark: Payload, place: Place) -> Message:
        """Post a message in the first form that Slack takes, with its mark; raises as Slack's `post` does, and
        MessageRejectedError only if Slack takes none."""
        with_metadata, waiting = True, list(forms)
        while True:
            form = waiting[0]
            try:
                return self._slack.post(form | {"metadata": mark} if with_metadata else signed(form, mark), place)
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

    def find(self, mark: Payload, since: datetime | None, place: Place) -> Message | None:
        """The message that an attempt which began `since` then left there; None as Slack's `find` says."""
        return self._slack.find(lambda message: bears(message, mark), since, place)

    def post_once(self, forms: Forms, mark: Payload, since: datetime | None, place: Place) -> Message:
        """Post a message, unless an attempt that began `since` then left it there (None if there was no such attempt);
        raises as `find` and `post` do."""
        return self.find(mark, since, place) or self.post(forms, mark, place)

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

    def show(self, message: Message, forms: Forms, now: datetime) -> bool:
        """As `update`; whether the message could be changed at all."""
        if self.refusal_of(message.channel, now):
            return False
        try:
            self.update(message, forms)
        except RefusedError as error:
            self._step_down("message not changed", error)
            return False
        except SlackError as error:
            if not self.note_refusal(message.channel, error, now):
                raise
            return False
        return True

    def tell(self, forms: Forms, mark: Payload, since: datetime | None, thread: Message, now: datetime) -> None:
        """Tell news once, in a thread or, if that takes none, in its channel or, if that refuses them, in the default
        one: they must be enough by themselves."""
        channel = self.channel_beside(thread)
        # Slack may also take a reply to a message that was deleted, and post it in the channel.
        places: dict[Place, None] = dict.fromkeys((thread, channel, self.default_channel))
        if any(self.find(mark, since, place) for place in places):
            return
        if self.refusal_of(channel, now) is None:
            try:
                self.post(forms, mark, thread)
            except RefusedError as error:
                self._step_down("thread refused", error)
            except SlackError as error:
                if not self.note_refusal(channel, error, now):
                    raise
            else:
                return
        self.announce(forms, mark, channel, now)

    def channel_beside(self, message: Message) -> str:
        """Where to tell what a message's thread doesn't take: its channel, or the default one if nothing goes there any
        more."""
        channels = self._channels()
        return message.channel if message.channel in channels else channels[0]

    def reply(self, text: str, mark: Payload, since: datetime | None, thread: Message) -> bool:
        """Answer in a thread, once; whether the thread takes an answer. Raises RefusedError where the app itself is at
        fault: once that is mended, any thread takes it."""
        try:
            self.post_once([{"text": text}], mark, since, thread)
        except RefusedError as error:
            if error.reason in TOKEN_PROBLEMS:
                raise
            self._step_down("thread refused", error)
            return False
        return True

    def share(
        self,
        files: Sequence[SlackFile],
        mark: Payload,
        since: datetime | None,
        place: Place,
        now: datetime,
        *,
        instead: Callable[[str], str],
        comment: str | None = None,
    ) -> None:
        """Share those of the files that an attempt which began `since` then did not, in the thread of the message with
        a mark or, if it is gone, in its channel; where Slack takes no files, what is to be said `instead`, given
        Slack's reason."""
        missing = [file for file in files if not self._slack.has_file(file.name, place, since)]
        try:
            if missing:
                self._slack.upload(missing, place, comment=comment)
        except MessageGoneError as error:
            self._step_down("thread refused", error)
            channel = self.channel_beside(place) if isinstance(place, Message) else place
            self.share(files, mark, since, channel, now, instead=instead, comment=comment)
        except RefusedError as error:
            self._step_down("files refused", error)
            sentence = [{"text": instead(error.reason)}]
            if isinstance(place, Message):
                self.tell(sentence, files_mark(mark), since, place, now)
            else:
                self.post_once(sentence, files_mark(mark), since, place)

    def _step_down(self, what: str, error: RefusedError | MessageRejectedError) -> None:
        self._telemetry.count("MessageSimplified")
        if isinstance(error, RefusedError) and error.reason in TOKEN_PROBLEMS:
            self._count_setup(error)
        self._telemetry.log.warning(what, extra={"why": str(error)})

    def _count_setup(self, error: ShiraseError) -> None:
        if isinstance(error, SlackError) and error.reason in SETUP_METRICS:
            self._telemetry.count(SETUP_METRICS[error.reason])
