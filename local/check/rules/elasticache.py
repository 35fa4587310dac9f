"""Clusters and replication groups of Amazon ElastiCache.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
ElastiCache", and a default that of the ElastiCache API Reference, "CreateReplicationGroup".
"""

from local.check.answer import Answer, ask
from local.check.database import in_own_subnets, is_since
from local.check.parameter import number
from local.check.rule import Rule, all_of, any_of, at_least, customizable, equal, given, negated, rule, true
from local.check.value import ABSENT, Value, at

CLUSTER = "ElastiCache::CacheCluster"
GROUP = "ElastiCache::ReplicationGroup"

# The nodes of a replication group are clusters, too, which have its settings.
_EITHER = (CLUSTER, GROUP)
_is_valkey = equal("Engine", "valkey")


def _is_before_6(properties: Value) -> Answer:
    return ask(at(properties, "EngineVersion"), lambda one: one is not ABSENT and ~is_since(str(one), (6,)))


RULES: list[Rule] = [
    customizable(
        lambda days: rule(
            "ElastiCache.1",
            _EITHER,
            at_least("SnapshotRetentionLimit", days),
            applies=negated(equal("Engine", "memcached")),
        ),
        number("snapshotRetentionPeriod", 1),
    ),
    rule(
        "ElastiCache.2",
        _EITHER,
        true("AutoMinorVersionUpgrade", default=True),
        applies=negated(equal("Engine", "memcached")),
    ),
    rule("ElastiCache.3", GROUP, true("AutomaticFailoverEnabled")),
    # Source for the default: "true when using Valkey, false when using Redis OSS".
    rule(
        "ElastiCache.4",
        GROUP,
        any_of(true("AtRestEncryptionEnabled"), all_of(_is_valkey, true("AtRestEncryptionEnabled", default=True))),
    ),
    rule("ElastiCache.5", GROUP, true("TransitEncryptionEnabled")),
    rule("ElastiCache.6", GROUP, given("AuthToken"), applies=all_of(negated(_is_valkey), _is_before_6)),
    rule("ElastiCache.7", _EITHER, in_own_subnets("CacheSubnetGroupName")),
]
