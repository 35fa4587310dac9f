"""Kubernetes clusters."""

from local.check.rule import Rule, all_of, any_item, equal, false, given, matching, rule

CLUSTER = "EKS::Cluster"

RULES: list[Rule] = [
    rule("EKS.1", CLUSTER, false("ResourcesVpcConfig.EndpointPublicAccess", default=False)),
    # The oldest supported version is 1.33 (AWS Security Hub User Guide, "Security Hub controls for Amazon EKS", EKS.2);
    # a new cluster has the latest.
    rule("EKS.2", CLUSTER, matching("Version", r"1\.(3[3-9]|[4-9]\d|\d{3,})", default=True)),
    rule(
        "EKS.3",
        CLUSTER,
        any_item("EncryptionConfig", all_of(any_item("Resources", equal("", "secrets")), given("Provider.KeyArn"))),
    ),
    rule("EKS.8", CLUSTER, any_item("Logging.ClusterLogging.EnabledTypes", equal("Type", "audit"))),
]
