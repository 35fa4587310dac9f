"""Who is who in Slack, by e-mail address."""

from collections.abc import Callable
from typing import Any

from shared.policy.owner import Person, Ring
from shared.slack.client import FAILURES, explained, web_client

TIMEOUT_SECONDS = 2  # an alert waits for it

_NOBODY = Person(ring=Ring.UNKNOWN)


class Directory:
    """Looks people up; `read_token(fresh)` gives the bot token, which needs the scope users:read.email."""

    def __init__(self, *, api_url: str, read_token: Callable[[bool], str]) -> None:
        self._client = web_client(api_url, TIMEOUT_SECONDS)
        self._read_token = read_token

    def find(self, email: str) -> Person:
        """Who has an address; nobody, if who had it has left. Asks once: raises SlackError if Slack doesn't say, and
        what `read_token` raises.

        On Enterprise Grid "id" is the one by which the workspace mentions a user ("users.lookupByEmail method").
        """
        try:
            answer = self._client.users_lookupByEmail(email=email, token=self._read_token(False))
        except FAILURES as error:
            explanation = explained(error)
            if explanation.reason != "users_not_found":
                raise explanation from error
            return _NOBODY
        return person_of(answer["user"])


def person_of(user: dict[str, Any]) -> Person:
    """What a user object of the Web API says; nobody, if that user has left."""
    if user.get("deleted"):
        return _NOBODY
    return Person(ring=Ring.BOT if user.get("is_bot") else Ring.RUNG, user_id=user["id"])
