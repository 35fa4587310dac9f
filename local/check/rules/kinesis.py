"""Streams, and Firehose."""

from local.check.rule import Rule, all_of, any_of, at_least, equal, given, rule, unsettled

STREAM = "Kinesis::Stream"

RULES: list[Rule] = [
    rule("Kinesis.1", STREAM, given("StreamEncryption")),
    rule("Kinesis.3", STREAM, at_least("RetentionPeriodHours", 168)),
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
