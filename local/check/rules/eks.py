"""Kubernetes clusters, be they CloudFormation's own or those of the CDK's custom resource."""

from local.check.answer import Answer, undecided
from local.check.rule import Predicate, Rule, all_of, any_item, equal, false, given, judged, matching, true
from local.check.rules.policy import of_each_choice
from local.check.rules.related import is_named, refers
from local.check.template import Resource, Template
from local.check.value import ABSENT, Value, at

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


def _runs_supported(nodes: Resource, template: Template) -> Answer:
    """Nodes have the version of their cluster unless told otherwise."""

    def ask_version(version: Value) -> Answer:
        return _of_cluster(nodes, template) if version is ABSENT else matching("", _SUPPORTED)(version)

    return of_each_choice(at(nodes.properties, "Version"), ask_version)


def _of_cluster(nodes: Resource, template: Template) -> Answer:
    name = at(nodes.properties, "ClusterName")
    for cluster in template.of_type(CLUSTER, _OF_CDK):
        if (refers(name, cluster) | is_named(name, cluster, "Name")).truth:
            path = "Config.version" if cluster.type == _OF_CDK else "Version"
            return matching(path, _SUPPORTED, default=True)(cluster.properties)
    return undecided("the version of the cluster")


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
    judged("EKS.9", "EKS::Nodegroup", _runs_supported),
]
