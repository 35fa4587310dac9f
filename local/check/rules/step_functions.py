"""State machines."""

from local.check.rule import Rule, equal, rule

RULES: list[Rule] = [
    rule(
        "StepFunctions.1",
        "StepFunctions::StateMachine",
        equal("LoggingConfiguration.Level", "ALL", "ERROR", "FATAL"),
    ),
]
