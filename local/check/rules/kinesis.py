"""Streams, and Firehose."""

from local.check.parameter import number
from local.check.rule import Rule, all_of, any_of, at_least, customizable, equal, given, rule, unsettled

STREAM = "Kinesis::Stream"
_DEFAULT_HOURS = 24  # CloudFormation, "AWS::Kinesis::Stream"

RULES: list[Rule] = [
    rule("Kinesis.1", STREAM, given("StreamEncryption")),
    customizable(
        lambda hours: rule(
            "Kinesis.3", STREAM, at_least("RetentionPeriodHours", hours, default=hours <= _DEFAULT_HOURS)
        ),
        number("minimumBackupRetentionPeriod", 168),
    ),
    # Firehose encrypts by itself only what is put to it directly (AWS::KinesisFirehose::DeliveryStream,
    # DeliveryStreamEncryptionConfigurationInput).
    rule(
        "DataFirehose.1",
        "KinesisFirehose::DeliveryStream",
        any_of(
            given("DeliveryStreamEncryptionConfigurationInput"),
            all_of(
                equal("DeliveryStreamType", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"),
                unsettled("whether Security Hub counts the encryption of the source"),
            ),
        ),
    ),
]
