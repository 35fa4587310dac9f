"""Who is in a pretended workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.slack.records import TEAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user, whose `name` is what follows the @: a person, a guest of several channels (`is_restricted`) or of one
    (`is_ultra_restricted`), a bot, or somebody who has left (`deleted`)."""

    id: str
    name: str
    email: str
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False

    def user(self) -> dict[str, Any]:
        """The member as the Web API tells of users, with the keys that matter here."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "profile": {"email": self.email, "display_name": self.name},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A workspace's members, and the handles of its user groups by their ids."""

    members: tuple[Member, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def users(self) -> dict[str, str]:
        """The names of the members by their ids."""
        return {member.id: member.name for member in self.members}


EMPTY = Directory()
