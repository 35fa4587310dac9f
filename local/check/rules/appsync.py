"""GraphQL APIs."""

from local.check.parameter import some_of
from local.check.rule import Rule, all_of, any_item, customizable, equal, negated, rule

API = "AppSync::GraphQLApi"
_KEY = equal("AuthenticationType", "API_KEY")

RULES: list[Rule] = [
    customizable(
        lambda levels: rule("AppSync.2", API, equal("LogConfig.FieldLogLevel", *levels)),
        some_of("fieldLoggingLevel", "ERROR", "ALL", "INFO", "DEBUG"),
    ),
    rule("AppSync.5", API, all_of(negated(_KEY), negated(any_item("AdditionalAuthenticationProviders", _KEY)))),
]
