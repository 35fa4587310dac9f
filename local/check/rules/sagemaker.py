"""Notebooks, endpoints, models, features and monitoring of SageMaker."""

from local.check.rule import Predicate, Rule, all_of, any_of, at_least, each, equal, given, rule, true, unsettled
from local.check.rules.related import present

NOTEBOOK, MODEL, FEATURES = "SageMaker::NotebookInstance", "SageMaker::Model", "SageMaker::FeatureGroup"
EXPERIMENT = "SageMaker::InferenceExperiment"
_SCHEDULE = "MonitoringScheduleConfig"
_ISOLATED, _ENCRYPTED = "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"
_from_private_registry = equal("ImageConfig.RepositoryAccessMode", "Vpc")


def _of_schedule(setting: str) -> Predicate:
    """Whether a schedule's own job definition has a setting of networks."""
    return any_of(
        true(f"{_SCHEDULE}.MonitoringJobDefinition.NetworkConfig.{setting}"),
        all_of(
            given(f"{_SCHEDULE}.MonitoringJobDefinitionName"),
            unsettled("whether Security Hub looks into a job definition that a schedule names"),
        ),
    )


RULES: list[Rule] = [
    rule("SageMaker.1", NOTEBOOK, equal("DirectInternetAccess", "Disabled")),
    rule("SageMaker.2", NOTEBOOK, given("SubnetId")),
    rule("SageMaker.3", NOTEBOOK, equal("RootAccess", "Disabled")),
    # A variant without a number of instances is a serverless one.
    rule(
        "SageMaker.4",
        "SageMaker::EndpointConfig",
        each("ProductionVariants", at_least("InitialInstanceCount", 2, default=True)),
    ),
    rule("SageMaker.5", MODEL, true("EnableNetworkIsolation")),
    # The one that Security Hub takes is the default, too (SageMaker API Reference, "CreateNotebookInstance").
    rule(
        "SageMaker.8",
        NOTEBOOK,
        equal("PlatformIdentifier", "notebook-al2023-v1", default=True),
    ),
    *(
        rule(control, f"SageMaker::{monitored}JobDefinition", true(f"NetworkConfig.{setting}"))
        for control, monitored, setting in (
            ("SageMaker.9", "DataQuality", _ENCRYPTED),
            ("SageMaker.10", "ModelExplainability", _ENCRYPTED),
            ("SageMaker.11", "DataQuality", _ISOLATED),
            ("SageMaker.12", "ModelBias", _ISOLATED),
            ("SageMaker.13", "ModelQuality", _ENCRYPTED),
            ("SageMaker.20", "ModelExplainability", _ISOLATED),
            ("SageMaker.25", "ModelQuality", _ISOLATED),
        )
    ),
    rule("SageMaker.14", "SageMaker::MonitoringSchedule", _of_schedule(_ISOLATED)),
    # Of job definitions with several instances alone (AWS Security Hub User Guide, SageMaker.15).
    rule(
        "SageMaker.15",
        "SageMaker::ModelBiasJobDefinition",
        true(f"NetworkConfig.{_ENCRYPTED}"),
        applies=at_least("JobResources.ClusterConfig.InstanceCount", 2),
    ),
    rule(
        "SageMaker.16",
        MODEL,
        equal("PrimaryContainer.ImageConfig.RepositoryAccessMode", "Vpc"),
        applies=present("PrimaryContainer"),
    ),
    rule(
        "SageMaker.17",
        FEATURES,
        given("OfflineStoreConfig.S3StorageConfig.KmsKeyId"),
        applies=present("OfflineStoreConfig"),
    ),
    rule(
        "SageMaker.18",
        FEATURES,
        given("OnlineStoreConfig.SecurityConfig.KmsKeyId"),
        applies=all_of(
            true("OnlineStoreConfig.EnableOnlineStore"),
            equal("OnlineStoreConfig.StorageType", "Standard", default=True),
        ),
    ),
    rule("SageMaker.19", MODEL, each("Containers", _from_private_registry)),
    rule("SageMaker.21", NOTEBOOK, given("KmsKeyId")),
    rule("SageMaker.22", "SageMaker::MonitoringSchedule", _of_schedule(_ENCRYPTED)),
    rule("SageMaker.23", EXPERIMENT, given("KmsKey")),
    rule("SageMaker.24", EXPERIMENT, given("DataStorageConfig.KmsKey"), applies=present("DataStorageConfig")),
]
