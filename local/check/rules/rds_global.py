"""Global clusters of Amazon Aurora."""

from local.check.answer import Answer, of, undecided
from local.check.database import is_since, version
from local.check.rule import Rule, equal, judged
from local.check.rules.policy import of_each_choice
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at, unknown_parts

# AWS Security Hub User Guide, RDS.51: the oldest supported version of Aurora MySQL, and what older ones are, too.
_OLDEST, _LONG_TERM = (8, 0, 3, 8, 0), {(8, 0, 3, 4, patch) for patch in range(4)}


def _runs_supported_version(cluster: Resource, template: Template) -> Answer:
    engine, running = (_given_or_of_origin(cluster, template, path) for path in ("Engine", "EngineVersion"))
    return ~equal("", "aurora", "aurora-mysql")(engine) | of_each_choice(running, _is_supported)


def _is_supported(running: Value) -> Answer:
    text = "" if running is ABSENT else str(running)
    if unknown := unknown_parts(text):
        return is_since(text, _OLDEST) | undecided(*unknown)
    known = version(text)
    if len(known) <= len(_OLDEST[:2]) and known >= _OLDEST[: len(known)]:
        return undecided("the version of the engine")
    return of(known >= _OLDEST or known in _LONG_TERM)


def _given_or_of_origin(cluster: Resource, template: Template, path: str) -> Value:
    """A property of a global cluster; where it isn't given, that of the cluster that it comes from."""
    own, origin = at(cluster.properties, path), at(cluster.properties, "SourceDBClusterIdentifier")
    if own is not ABSENT or origin is ABSENT:
        return own
    found = template.by_id.get(origin.logical_id) if isinstance(origin, Reference) else None
    return at(found.properties, path) if found else Unknown(source="the database that it comes from")


RULES: list[Rule] = [
    judged("RDS.51", "RDS::GlobalCluster", _runs_supported_version),
]
