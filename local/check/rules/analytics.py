"""Athena and Glue."""

from local.check.rule import Rule, at_least, equal, false, negated, rule

_NO_METRICS = false("WorkGroupConfiguration.PublishCloudWatchMetricsEnabled", default=False)

RULES: list[Rule] = [
    # AWS Config Developer Guide, athena-workgroup-logging-enabled: what fails is a setting of false.
    rule("Athena.4", "Athena::WorkGroup", negated(_NO_METRICS)),
    rule(
        "Glue.3",
        "Glue::MLTransform",
        equal("TransformEncryption.MLUserDataEncryption.MLUserDataEncryptionMode", "SSE-KMS"),
    ),
    rule("Glue.4", "Glue::Job", at_least("GlueVersion", 3), applies=equal("Command.Name", "glueetl")),
]
