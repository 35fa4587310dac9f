"""Containers: task definitions, services, clusters."""

from local.check.rule import Rule, all_of, any_item, any_of, each, equal, given, matching, negated, rule, true
from local.check.rules.related import present

TASK, SERVICE = "ECS::TaskDefinition", "ECS::Service"
_CONTAINERS, _SYSTEM = "ContainerDefinitions", "RuntimePlatform.OperatingSystemFamily"
# AWS Security Hub User Guide, "Security Hub controls for Amazon ECS", ECS.8 and ECS.10: the latest version for Linux,
# and for Windows.
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA")
_PLATFORMS = ("LATEST", "1.4.0", "1.0.0")

RULES: list[Rule] = [
    rule("ECS.2", SERVICE, negated(equal("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ENABLED"))),
    rule("ECS.3", TASK, negated(equal("PidMode", "host"))),
    rule("ECS.4", TASK, each(_CONTAINERS, negated(true("Privileged")))),
    # Windows has no such setting (AWS Security Hub User Guide, the note on ECS.5).
    rule(
        "ECS.5",
        TASK,
        each(_CONTAINERS, true("ReadonlyRootFilesystem")),
        applies=negated(matching(_SYSTEM, "WINDOWS.*")),
    ),
    rule("ECS.8", TASK, each(_CONTAINERS, negated(any_item("Environment", equal("Name", *_SECRETS))))),
    rule("ECS.9", TASK, each(_CONTAINERS, given("LogConfiguration.LogDriver"))),
    rule(
        "ECS.10",
        SERVICE,
        equal("PlatformVersion", *_PLATFORMS, default=True),
        applies=negated(equal("LaunchType", "EC2", "EXTERNAL")),
    ),
    rule(
        "ECS.12",
        "ECS::Cluster",
        any_item("ClusterSettings", all_of(equal("Name", "containerInsights"), equal("Value", "enabled", "enhanced"))),
    ),
    rule(
        "ECS.16", "ECS::TaskSet", negated(equal("NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp", "ENABLED"))
    ),
    rule("ECS.17", TASK, negated(equal("NetworkMode", "host"))),
    rule(
        "ECS.18",
        TASK,
        each(
            "Volumes",
            any_of(
                negated(present("EFSVolumeConfiguration")), equal("EFSVolumeConfiguration.TransitEncryption", "ENABLED")
            ),
        ),
    ),
    rule(
        "ECS.19",
        "ECS::CapacityProvider",
        equal("AutoScalingGroupProvider.ManagedTerminationProtection", "ENABLED"),
        applies=present("AutoScalingGroupProvider"),
    ),
    # A definition that names no system is evaluated for both (AWS Security Hub User Guide, ECS.20 and ECS.21).
    rule(
        "ECS.20",
        TASK,
        each(_CONTAINERS, all_of(given("User"), negated(matching("User", "(root|0)(:.*)?")))),
        applies=equal(_SYSTEM, "LINUX", default=True),
    ),
    rule(
        "ECS.21",
        TASK,
        each(_CONTAINERS, all_of(given("User"), negated(equal("User", "ContainerAdministrator")))),
        applies=matching(_SYSTEM, "WINDOWS.*", default=True),
    ),
]
