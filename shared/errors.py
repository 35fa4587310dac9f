"""Every error shirase raises itself.

ShiraseError
├── ConfigurationError        settings are missing or wrong: fix them and deploy again
├── RoutesError               the routes are wrong: the last good ones stay in use, and an alarm tells
├── UndeliverableError        trying again can't help: the event goes to the dead letters at once
│   ├── MalformedEventError   the input isn't what AWS sends
│   ├── MessageRejectedError  Slack refuses the message itself, in every form
│   │   └── MetadataRefusedError  it refuses only what the message carries unseen
│   └── GivenUpError          every attempt failed for as long as the queue keeps an event
├── ClaimHeldError            another attempt is at work on the violation, or digest: it is tried again later
├── OutOfTimeError            the invocation has no time for another event: the queue brings it again at once
├── TokenUnavailableError     Secrets Manager doesn't give the token just now: it is tried again later
├── NotQueuedError            SQS didn't take a message: what wanted it sent is tried again later
├── NotRecordedError          DynamoDB didn't take note of a digest: logged, for the digest itself is out
├── ScanIncompleteError       Security Hub's findings could not all be read: the digest lists the others, and says so
├── ArchiveError              an object of the archive is missing, broken or not ours: the digest goes on, and says so
├── SettingsError             the routes can't be read: the last good ones stay in use, else the stack's settings
├── OrganizationError         AWS Organizations doesn't tell about an account: its tags and units count as none
├── MarkNotifiedError         Security Hub didn't take the workflow status: logged, for the alert itself is out
└── SlackError                Slack didn't take the message this time: the queue tries again later
    └── RefusedError          Slack doesn't allow this call, while it may allow others: it is told in another way
        └── MessageGoneError  the message to change or answer is no longer there
"""

from enum import StrEnum

from shared.text import excerpt


class ShiraseError(Exception):
    """Base of all errors below; its text names what happened, to which thing, and what to do."""


class ConfigurationError(ShiraseError):
    """Raised at the first invocation, with every problem of the settings in one text."""


class RoutesError(ShiraseError):
    """Raised when the routes can't be meant; `problems` has a sentence each, and `places` where each of them is in the
    document, by keys and numbers: ("routes", 3, "severity")."""

    def __init__(self, problems: tuple[str, ...], places: tuple[tuple[str | int, ...], ...] = ()) -> None:
        super().__init__("The routes need a change:\n" + "\n".join(f"- {problem}" for problem in problems))
        self.problems = problems
        self.places = places


class UndeliverableError(ShiraseError):
    """Raised when no later attempt can succeed."""


class MalformedEventError(UndeliverableError):
    """Raised when an event or finding lacks a field that AWS always sends, or holds a value AWS never sends."""


class MessageRejectedError(UndeliverableError):
    """Raised when Slack answers that the message itself is invalid (invalid_blocks and its kin)."""


class MetadataRefusedError(MessageRejectedError):
    """Raised when Slack finds a message's metadata invalid: the message itself may be well."""


class GivenUpError(UndeliverableError):
    """Raised when an event's attempts have failed until the queue is about to drop it."""


class ClaimHeldError(ShiraseError):
    """Raised when another attempt holds the claim on a violation or digest, so that the loser comes back later."""


class OutOfTimeError(ShiraseError):
    """Raised for the rest of a batch when Slack or AWS answer so slowly that Lambda would cut the next event short."""


class TokenUnavailableError(ShiraseError):
    """Raised when Secrets Manager can't be reached, or fails, and nothing is known to be wrong with the secret."""


class NotQueuedError(ShiraseError):
    """Raised when SQS refuses, or can't be asked, to take a message."""


class NotRecordedError(ShiraseError):
    """Raised when a digest was posted, and DynamoDB refuses, or can't be asked, to remember that."""


class ScanIncompleteError(ShiraseError):
    """Raised when some of Security Hub's findings were read, or looked up, and the rest can't be; `problem` is the name
    of the last error, None if there was no time left."""

    def __init__(self, message: str, *, problem: str | None) -> None:
        super().__init__(message)
        self.problem = problem


class ArchiveFault(StrEnum):
    """What is wrong with an object of the archive."""

    MISSING = "missing"
    BROKEN = "broken"
    FOREIGN = "foreign"
    REFUSED = "refused"  # by S3, or on the way to it
    INCOMPLETE = "incomplete"  # a digest that did not list all there was


class ArchiveError(ShiraseError):
    """Raised when an object of the archive can't be read, written or understood; `key` is its key."""

    def __init__(self, key: str, fault: ArchiveFault, why: object) -> None:
        super().__init__(f"{excerpt(key)} in the archive bucket is {fault}: {excerpt(why)}")
        self.key = key
        self.fault = fault


class SettingsError(ShiraseError):
    """Raised when settings/routes.json can't be read, is too large, or is no JSON."""


class OrganizationFault(StrEnum):
    """Why AWS Organizations doesn't tell about an account."""

    DENIED = "denied"  # to us, whichever the account: until somebody changes something
    UNKNOWN = "unknown"  # it knows no such account
    UNAVAILABLE = "unavailable"  # just now


class OrganizationError(ShiraseError):
    """Raised when AWS Organizations doesn't tell about an account."""

    def __init__(self, message: str, *, fault: OrganizationFault) -> None:
        super().__init__(message)
        self.fault = fault


class MarkNotifiedError(ShiraseError):
    """Raised when Security Hub refuses, or can't be asked, to set a finding's workflow status to NOTIFIED."""


class SlackError(ShiraseError):
    """Raised when Slack can't be reached or refuses for now.

    `reason` is Slack's error name, or "unreachable"; `retry_after` the seconds Slack asks to wait, where it does;
    `may_have_arrived` whether Slack may have done what it was asked for nevertheless; `is_final` whether the same call
    would be refused again, while another one may be taken; `details` are Slack's own words, if it has any.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        retry_after: float | None = None,
        may_have_arrived: bool = False,
        is_final: bool = False,
        details: str = "",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived
        self.is_final = is_final
        self.details = details


class RefusedError(SlackError):
    """Raised when Slack doesn't let a message be changed or answered, or files be shared, by its rules or by those of
    the workspace."""


class MessageGoneError(RefusedError):
    """Raised when a message to update or answer was deleted, or its channel, one of the past, is gone or archived."""
