"""Clusters and connectors of Managed Streaming for Apache Kafka."""

from local.check.rule import Rule, all_of, any_of, equal, false, given, negated, rule, true, unsettled

CLUSTER = "MSK::Cluster"
CONNECTOR = "KafkaConnect::Connector"
_LOGS = ("CloudWatchLogs", "Firehose", "S3")

RULES: list[Rule] = [
    # Encryption between brokers is on unless told otherwise (Amazon MSK API Reference, "EncryptionInTransit").
    rule("MSK.1", CLUSTER, true("EncryptionInfo.EncryptionInTransit.InCluster", default=True)),
    rule("MSK.2", CLUSTER, equal("EnhancedMonitoring", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION")),
    rule("MSK.3", CONNECTOR, equal("KafkaClusterEncryptionInTransit.EncryptionType", "TLS")),
    rule("MSK.4", CLUSTER, equal("BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", "DISABLED", default=True)),
    rule(
        "MSK.5",
        CONNECTOR,
        any_of(*(true(f"LogDelivery.WorkerLogDelivery.{target}.Enabled") for target in _LOGS)),
    ),
    rule(
        "MSK.6",
        CLUSTER,
        any_of(
            all_of(given("ClientAuthentication"), false("ClientAuthentication.Unauthenticated.Enabled")),
            all_of(
                negated(given("ClientAuthentication")),
                unsettled("whether Security Hub counts a cluster for which no way to authenticate is chosen"),
            ),
        ),
    ),
]
