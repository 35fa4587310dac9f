"""Mail, contact centres, and brokers."""

from local.check.rule import Rule, all_of, any_of, equal, given, negated, rule, true, unsettled

BROKER = "AmazonMQ::Broker"
_is_active_mq = equal("EngineType", "ACTIVEMQ")
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
    rule("MQ.2", BROKER, true("Logs.Audit"), applies=_is_active_mq),
    rule("MQ.5", BROKER, equal("DeploymentMode", "ACTIVE_STANDBY_MULTI_AZ"), applies=_is_active_mq),
    rule("MQ.6", BROKER, equal("DeploymentMode", "CLUSTER_MULTI_AZ"), applies=equal("EngineType", "RABBITMQ")),
]
