"""What a team says about its violations in one file: which it wants, whose they are, and where they go."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from shared.finding.account import Account
from shared.finding.tag import OWNER_TAGS, tag_name
from shared.finding.violation import Severity, Violation
from shared.policy.condition import Condition
from shared.policy.owner import FindPerson, Owner, OwnerFinder, Source, SourceKind
from shared.policy.route import OWNER, Destination, Routing
from shared.policy.selection import Acceptance, Policy


@dataclass(frozen=True, kw_only=True)
class Routes:
    """The whole file. `controls` and `min_severity` stand in the place of the stack's settings where they are not None;
    with `digests_by_channel` each channel gets a digest of its own rows."""

    owners: tuple[Owner, ...]
    sources: tuple[Source, ...]
    routing: Routing
    controls: tuple[str, ...] | None = None
    min_severity: Severity | None = None
    acceptances: tuple[Acceptance, ...] = ()
    digests_by_channel: bool = False

    def destination(self, violation: Violation, account: Account, find_person: FindPerson) -> Destination:
        """Where a violation goes, and who is mentioned."""
        return self.routing.destination(violation, account, self._finder.find(violation, account, find_person))

    def policy(self, settings: Policy, today: date) -> Policy:
        """The stack's policy as the file changes it, on a day (UTC)."""
        return replace(
            settings,
            target_control_ids=self.controls or settings.target_control_ids,
            min_severity=settings.min_severity if self.min_severity is None else self.min_severity,
            acceptances=tuple(one for one in self.acceptances if today <= one.until),
        )

    @cached_property
    def asks_organization(self) -> bool:
        """Whether anything depends on an account's tags or organizational units."""
        asked_by_source = any(source.kind is SourceKind.ACCOUNT_TAG for source in self.sources)
        return asked_by_source or any(one.units or one.account_tags for one in self._conditions)

    @cached_property
    def tag_names(self) -> frozenset[str]:
        """The names, as `tag_name` gives them, of the resources' tags that anything depends on."""
        of_sources = {key for source in self.sources if source.kind is SourceKind.TAG for key in source.keys}
        asked = {key for condition in self._conditions for key in condition.tags}
        return frozenset(map(tag_name, {*OWNER_TAGS, *of_sources, *asked}))

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Every channel that anything may go to, the default one first."""
        routed = [channel for route in self.routing.routes for channel in (route.channel, *route.also)]
        owned = [owner.channel for owner in self.owners]
        named = dict.fromkeys([self.routing.default_channel, *routed, *owned])
        return tuple(channel for channel in named if channel and channel != OWNER)

    @cached_property
    def _finder(self) -> OwnerFinder:
        return OwnerFinder(self.owners, self.sources)

    @property
    def _conditions(self) -> tuple[Condition, ...]:
        routed = [route.condition for route in self.routing.routes]
        return (*routed, *(acceptance.condition for acceptance in self.acceptances))
