"""Mail, contact centres, and brokers."""

from local.check.rule import Rule, all_of, any_of, equal, given, negated, rule, true, unsettled

_FLOW_LOGS = "Attributes.ContactflowLogs"

RULES: list[Rule] = [
    # What isn't required is sent without TLS where the receiver has none (AWS::SES::ConfigurationSet, TlsPolicy).
    rule("SES.3", "SES::ConfigurationSet", equal("DeliveryOptions.TlsPolicy", "REQUIRE")),
    rule(
        "Connect.2",
        "Connect::Instance",
        any_of(
            true(_FLOW_LOGS),
            all_of(negated(given(_FLOW_LOGS)), unsettled("whether a new instance of Amazon Connect logs its flows")),
        ),
    ),
    rule("MQ.2", "AmazonMQ::Broker", true("Logs.Audit"), applies=equal("EngineType", "ACTIVEMQ")),
]
