"""Builds and their reports."""

from local.check.rule import Rule, all_of, any_item, any_of, equal, false, matching, negated, rule, unsettled

PROJECT = "CodeBuild::Project"

_with_credentials = all_of(
    equal("Type", "BITBUCKET"),
    any_of(
        matching("Location", r"https?://[^/@]+:[^/@]+@.+"),
        # The address that Bitbucket offers has the reader's name in it; a token may stand there, too.
        all_of(matching("Location", r"https?://[^/:@]+@.+"), unsettled("whether it is a token in the address")),
    ),
)
_clear_credential = all_of(
    equal("Name", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), equal("Type", "PLAINTEXT", default=True)
)

RULES: list[Rule] = [
    rule(
        "CodeBuild.1",
        PROJECT,
        negated(any_of(any_item("Source", _with_credentials), any_item("SecondarySources", _with_credentials))),
    ),
    rule("CodeBuild.2", PROJECT, negated(any_item("Environment.EnvironmentVariables", _clear_credential))),
    rule(
        "CodeBuild.3",
        PROJECT,
        false("LogsConfig.S3Logs.EncryptionDisabled"),
        applies=equal("LogsConfig.S3Logs.Status", "ENABLED"),
    ),
    # CodeBuild logs to CloudWatch unless told otherwise (CodeBuild API Reference, "LogsConfig").
    rule(
        "CodeBuild.4",
        PROJECT,
        any_of(
            equal("LogsConfig.CloudWatchLogs.Status", "ENABLED", default=True),
            equal("LogsConfig.S3Logs.Status", "ENABLED"),
        ),
    ),
    rule(
        "CodeBuild.7",
        "CodeBuild::ReportGroup",
        false("ExportConfig.S3Destination.EncryptionDisabled"),
        applies=equal("ExportConfig.ExportConfigType", "S3"),
    ),
]
