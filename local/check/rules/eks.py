"""Kubernetes clusters, be they CloudFormation's own or those of the CDK's custom resource."""

from local.check.rule import Predicate, Rule, all_of, any_item, equal, false, given, matching, true

CLUSTER, _OF_CDK = "AWS::EKS::Cluster", "Custom::AWSCDK-EKS-Cluster"
# The oldest supported version is 1.34 (AWS Security Hub User Guide, "Security Hub controls for Amazon EKS", EKS.2 and
# EKS.9, August 2026).
_SUPPORTED = r"1\.(3[4-9]|[4-9]\d|\d{3,})"


def _rule(control: str, passes: Predicate, passes_of_cdk: Predicate) -> Rule:
    """The custom resource has what the API takes, under Config (AWS CDK, aws-eks.Cluster)."""
    return Rule(
        control=control,
        types=(CLUSTER, _OF_CDK),
        judge=lambda cluster, _: (passes_of_cdk if cluster.type == _OF_CDK else passes)(cluster.properties),
    )


RULES: list[Rule] = [
    _rule(
        "EKS.1",
        false("ResourcesVpcConfig.EndpointPublicAccess", default=False),
        false("Config.resourcesVpcConfig.endpointPublicAccess", default=False),
    ),
    # A new cluster has the latest version.
    _rule(
        "EKS.2",
        matching("Version", _SUPPORTED, default=True),
        matching("Config.version", _SUPPORTED, default=True),
    ),
    _rule(
        "EKS.3",
        any_item("EncryptionConfig", all_of(any_item("Resources", equal("", "secrets")), given("Provider.KeyArn"))),
        any_item(
            "Config.encryptionConfig", all_of(any_item("resources", equal("", "secrets")), given("provider.keyArn"))
        ),
    ),
    _rule(
        "EKS.8",
        any_item("Logging.ClusterLogging.EnabledTypes", equal("Type", "audit")),
        any_item("Config.logging.clusterLogging", all_of(true("enabled"), any_item("types", equal("", "audit")))),
    ),
]
