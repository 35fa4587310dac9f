"""Domains of OpenSearch and of Elasticsearch: the same settings by the same names, but for the nodes."""

from collections.abc import Iterator

from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    at_least,
    equal,
    given,
    rule,
    true,
)

DOMAIN = "OpenSearchService::Domain"
_LATEST = "Policy-Min-TLS-1-2-PFS-2023-10"  # the only one that both controls take


def _sent(log: str) -> Predicate:
    return all_of(
        true(f"LogPublishingOptions.{log}.Enabled"), given(f"LogPublishingOptions.{log}.CloudWatchLogsLogGroupArn")
    )


def _of_both(service: str, kind: str, nodes: str) -> Iterator[Rule]:
    """The controls that both services have by the same number; `nodes` is where their nodes are told."""
    yield rule(f"{service}.1", kind, true("EncryptionAtRestOptions.Enabled"))
    yield rule(f"{service}.2", kind, given("VPCOptions"))
    yield rule(f"{service}.3", kind, true("NodeToNodeEncryptionOptions.Enabled"))
    yield rule(f"{service}.4", kind, _sent("ES_APPLICATION_LOGS"))
    yield rule(f"{service}.5", kind, _sent("AUDIT_LOGS"))
    yield rule(
        f"{service}.6", kind, all_of(at_least(f"{nodes}.InstanceCount", 3), true(f"{nodes}.ZoneAwarenessEnabled"))
    )
    yield rule(
        f"{service}.8",
        kind,
        all_of(
            true("DomainEndpointOptions.EnforceHTTPS"),
            equal("DomainEndpointOptions.TLSSecurityPolicy", _LATEST),
        ),
    )


def _three_primaries(nodes: str) -> Predicate:
    return all_of(true(f"{nodes}.DedicatedMasterEnabled"), at_least(f"{nodes}.DedicatedMasterCount", 3))


RULES: list[Rule] = [
    *_of_both("ES", "Elasticsearch::Domain", "ElasticsearchClusterConfig"),
    rule("ES.7", "Elasticsearch::Domain", _three_primaries("ElasticsearchClusterConfig")),
    *_of_both("Opensearch", DOMAIN, "ClusterConfig"),
    rule("Opensearch.7", DOMAIN, true("AdvancedSecurityOptions.Enabled")),
    rule("Opensearch.11", DOMAIN, _three_primaries("ClusterConfig")),
]
