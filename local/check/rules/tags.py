"""Tags. CloudFormation gives a stack's own tags to its resources, and they stand in no template: what has none there is
undecided. Those that begin with "aws:", which no control counts, CloudFormation refuses."""

from collections.abc import Sequence

from local.check.answer import Answer, ask
from local.check.parameter import texts
from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    customizable,
    equal,
    given_items,
    rule,
    unsettled,
)
from local.check.rules.related import present
from local.check.value import ABSENT, Value, at

STACK_TAGS = "the tags of the stack"

_TAGGED: dict[str, str | tuple[str, ...]] = {
    "ACM.3": "CertificateManager::Certificate",
    "Amplify.1": "Amplify::App",
    "Amplify.2": "Amplify::Branch",
    "AppConfig.1": "AppConfig::Application",
    "AppConfig.2": "AppConfig::ConfigurationProfile",
    "AppConfig.3": "AppConfig::Environment",
    "AppConfig.4": "AppConfig::ExtensionAssociation",
    "AppFlow.1": "AppFlow::Flow",
    "AppRunner.1": "AppRunner::Service",
    "AppRunner.2": "AppRunner::VpcConnector",
    "AppSync.4": "AppSync::GraphQLApi",
    "Athena.2": "Athena::DataCatalog",
    "Athena.3": "Athena::WorkGroup",
    "AutoScaling.10": "AutoScaling::AutoScalingGroup",
    "Backup.3": "Backup::BackupVault",
    "Backup.4": "Backup::ReportPlan",
    "Backup.5": "Backup::BackupPlan",
    "Batch.1": "Batch::JobQueue",
    "Batch.2": "Batch::SchedulingPolicy",
    "Batch.3": "Batch::ComputeEnvironment",
    "CloudFormation.2": "CloudFormation::Stack",
    "CloudFront.14": "CloudFront::Distribution",
    "CloudTrail.9": "CloudTrail::Trail",
    "CodeArtifact.1": "CodeArtifact::Repository",
    "CodeGuruProfiler.1": "CodeGuruProfiler::ProfilingGroup",
    "CodeGuruReviewer.1": "CodeGuruReviewer::RepositoryAssociation",
    "Connect.1": "CustomerProfiles::ObjectType",
    "DataSync.2": "DataSync::Task",
    "Detective.1": "Detective::Graph",
    "DMS.3": "DMS::EventSubscription",
    "DMS.4": "DMS::ReplicationInstance",
    "DMS.5": "DMS::ReplicationSubnetGroup",
    "DynamoDB.5": "DynamoDB::Table",
    "EC2.33": ("EC2::TransitGatewayAttachment", "EC2::TransitGatewayVpcAttachment"),
    "EC2.34": "EC2::TransitGatewayRouteTable",
    "EC2.35": "EC2::NetworkInterface",
    "EC2.36": "EC2::CustomerGateway",
    "EC2.37": "EC2::EIP",
    "EC2.38": "EC2::Instance",
    "EC2.39": "EC2::InternetGateway",
    "EC2.40": "EC2::NatGateway",
    "EC2.41": "EC2::NetworkAcl",
    "EC2.42": "EC2::RouteTable",
    "EC2.43": "EC2::SecurityGroup",
    "EC2.44": "EC2::Subnet",
    "EC2.45": "EC2::Volume",
    "EC2.46": "EC2::VPC",
    "EC2.47": "EC2::VPCEndpointService",
    "EC2.48": "EC2::FlowLog",
    "EC2.49": "EC2::VPCPeeringConnection",
    "EC2.50": "EC2::VPNGateway",
    "EC2.52": "EC2::TransitGateway",
    "EC2.174": "EC2::DHCPOptions",
    "EC2.176": "EC2::PrefixList",
    "EC2.177": "EC2::TrafficMirrorSession",
    "EC2.178": "EC2::TrafficMirrorFilter",
    "EC2.179": "EC2::TrafficMirrorTarget",
    "ECR.4": "ECR::PublicRepository",
    "ECS.13": "ECS::Service",
    "ECS.14": "ECS::Cluster",
    "ECS.15": "ECS::TaskDefinition",
    "EFS.5": "EFS::AccessPoint",
    "EKS.6": "EKS::Cluster",
    "EKS.7": "EKS::IdentityProviderConfig",
    "ES.9": "Elasticsearch::Domain",
    "EventBridge.2": "Events::EventBus",
    "FraudDetector.1": "FraudDetector::EntityType",
    "FraudDetector.2": "FraudDetector::Label",
    "FraudDetector.3": "FraudDetector::Outcome",
    "FraudDetector.4": "FraudDetector::Variable",
    "GlobalAccelerator.1": "GlobalAccelerator::Accelerator",
    "Glue.1": "Glue::Job",
    "GuardDuty.2": "GuardDuty::Filter",
    "GuardDuty.3": "GuardDuty::IPSet",
    "GuardDuty.4": "GuardDuty::Detector",
    "IAM.23": "AccessAnalyzer::Analyzer",
    "IAM.24": "IAM::Role",
    "IAM.25": "IAM::User",
    "IoT.1": "IoT::SecurityProfile",
    "IoT.2": "IoT::MitigationAction",
    "IoT.3": "IoT::Dimension",
    "IoT.4": "IoT::Authorizer",
    "IoT.5": "IoT::RoleAlias",
    "IoT.6": "IoT::Policy",
    "IoTSiteWise.1": "IoTSiteWise::AssetModel",
    "IoTSiteWise.2": "IoTSiteWise::Dashboard",
    "IoTSiteWise.3": "IoTSiteWise::Gateway",
    "IoTSiteWise.4": "IoTSiteWise::Portal",
    "IoTSiteWise.5": "IoTSiteWise::Project",
    "IoTTwinMaker.1": "IoTTwinMaker::SyncJob",
    "IoTTwinMaker.2": "IoTTwinMaker::Workspace",
    "IoTTwinMaker.3": "IoTTwinMaker::Scene",
    "IoTTwinMaker.4": "IoTTwinMaker::Entity",
    "IoTWireless.1": "IoTWireless::MulticastGroup",
    "IoTWireless.2": "IoTWireless::ServiceProfile",
    "IoTWireless.3": "IoTWireless::FuotaTask",
    "IVS.1": "IVS::PlaybackKeyPair",
    "IVS.2": "IVS::RecordingConfiguration",
    "IVS.3": "IVS::Channel",
    "Keyspaces.1": "Cassandra::Keyspace",
    "Kinesis.2": "Kinesis::Stream",
    "Lambda.6": "Lambda::Function",
    "MQ.4": "AmazonMQ::Broker",
    "NetworkFirewall.7": "NetworkFirewall::Firewall",
    "NetworkFirewall.8": "NetworkFirewall::FirewallPolicy",
    "Opensearch.9": "OpenSearchService::Domain",
    "PCA.2": "ACMPCA::CertificateAuthority",
    "RDS.28": "RDS::DBCluster",
    "RDS.30": "RDS::DBInstance",
    "RDS.31": "RDS::DBSecurityGroup",
    "RDS.33": "RDS::DBSubnetGroup",
    "Redshift.11": "Redshift::Cluster",
    "Redshift.12": "Redshift::EventSubscription",
    "Redshift.14": "Redshift::ClusterSubnetGroup",
    "Redshift.17": "Redshift::ClusterParameterGroup",
    "Route53.1": "Route53::HealthCheck",
    "SageMaker.6": "SageMaker::AppImageConfig",
    "SageMaker.7": "SageMaker::Image",
    "SecretsManager.5": "SecretsManager::Secret",
    "SES.1": "SES::ContactList",
    "SES.2": "SES::ConfigurationSet",
    "SNS.3": "SNS::Topic",
    "SQS.2": "SQS::Queue",
    "SSM.5": "SSM::Document",
    "StepFunctions.2": "StepFunctions::Activity",
    "Transfer.1": "Transfer::Workflow",
    "Transfer.4": "Transfer::Agreement",
    "Transfer.5": "Transfer::Certificate",
    "Transfer.6": "Transfer::Connector",
    "Transfer.7": "Transfer::Profile",
}

# Where the tags have another name.
_NAMES = {
    "Backup.3": "BackupVaultTags",
    "Backup.4": "ReportPlanTags",
    "Backup.5": "BackupPlanTags",
    "EFS.5": "AccessPointTags",
    "Route53.1": "HealthCheckTags",
}

_KEYS = texts("requiredTagKeys")


def _tagged(path: str, keys: Sequence[str]) -> Predicate:
    """Whether it has any tag; those with these keys, if there are any."""
    return all_of(*(_has_tag(path, key) for key in keys)) if keys else given_items(path)


def _has_tag(path: str, key: str) -> Predicate:
    """Tags are a list or a map; the case of their keys matters."""
    in_list = any_item(path, lambda tag: ask(at(tag, "Key"), lambda named: named == key))

    def ask_tags(properties: Value) -> Answer:
        tags = at(properties, path)
        return present("")(tags.get(key, ABSENT)) if isinstance(tags, dict) else in_list(properties)

    return ask_tags


def _unless_by_stack(control: str, types: str | tuple[str, ...]) -> Rule:
    path = _NAMES.get(control, "Tags")
    return customizable(lambda keys: rule(control, types, any_of(_tagged(path, keys), unsettled(STACK_TAGS))), _KEYS)


def _has_tagged_template(keys: Sequence[str]) -> Predicate:
    of_template = all_of(equal("ResourceType", "launch-template"), _tagged("Tags", keys))
    return any_item("TagSpecifications", of_template)


RULES: list[Rule] = [
    *(_unless_by_stack(control, types) for control, types in _TAGGED.items()),
    # What these start takes no tags of the stack; Fargate takes none at all (AWS Batch User Guide, "Tagging your AWS
    # Batch resources"; CloudFormation, "AWS::EC2::LaunchTemplate").
    customizable(
        lambda keys: rule(
            "Batch.4",
            "Batch::ComputeEnvironment",
            _tagged("ComputeResources.Tags", keys),
            applies=all_of(equal("Type", "MANAGED"), equal("ComputeResources.Type", "EC2", "SPOT")),
        ),
        _KEYS,
    ),
    customizable(lambda keys: rule("EC2.175", "EC2::LaunchTemplate", _has_tagged_template(keys)), _KEYS),
]
