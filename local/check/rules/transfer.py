"""Transfer Family and DataSync."""

from local.check.rule import Rule, all_of, any_item, equal, given, negated, rule

RULES: list[Rule] = [
    rule("Transfer.2", "Transfer::Server", negated(any_item("Protocols", equal("", "FTP")))),
    rule("Transfer.3", "Transfer::Connector", given("LoggingRole")),
    rule(
        "DataSync.1",
        "DataSync::Task",
        all_of(given("CloudWatchLogGroupArn"), negated(equal("Options.LogLevel", "OFF"))),
    ),
]
