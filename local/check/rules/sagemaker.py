"""Notebooks, endpoints, models and monitoring of SageMaker."""

from local.check.rule import Rule, all_of, any_of, at_least, each, equal, given, rule, true, unsettled

NOTEBOOK = "SageMaker::NotebookInstance"
_SCHEDULE = "MonitoringScheduleConfig"

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
    rule("SageMaker.5", "SageMaker::Model", true("EnableNetworkIsolation")),
    # The one that Security Hub takes is the default, too (SageMaker API Reference, "CreateNotebookInstance").
    rule(
        "SageMaker.8",
        NOTEBOOK,
        equal("PlatformIdentifier", "notebook-al2023-v1", default=True),
    ),
    *(
        rule(
            control,
            f"SageMaker::{monitored}JobDefinition",
            true("NetworkConfig.EnableInterContainerTrafficEncryption"),
        )
        for control, monitored in {
            "SageMaker.9": "DataQuality",
            "SageMaker.10": "ModelExplainability",
            "SageMaker.13": "ModelQuality",
            "SageMaker.15": "ModelBias",
        }.items()
    ),
    rule("SageMaker.11", "SageMaker::DataQualityJobDefinition", true("NetworkConfig.EnableNetworkIsolation")),
    rule("SageMaker.12", "SageMaker::ModelBiasJobDefinition", true("NetworkConfig.EnableNetworkIsolation")),
    rule(
        "SageMaker.14",
        "SageMaker::MonitoringSchedule",
        any_of(
            true(f"{_SCHEDULE}.MonitoringJobDefinition.NetworkConfig.EnableNetworkIsolation"),
            all_of(
                given(f"{_SCHEDULE}.MonitoringJobDefinitionName"),
                unsettled("whether Security Hub looks into a job definition that a schedule names"),
            ),
        ),
    ),
]
