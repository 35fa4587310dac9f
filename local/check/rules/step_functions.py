"""State machines."""

from collections.abc import Sequence

from local.check.parameter import some_of
from local.check.rule import Rule, customizable, equal, rule

_LEVELS = ("ALL", "ERROR", "FATAL")  # of what is logged less and less


def _logged(levels: Sequence[str]) -> Rule:
    """The least that may be logged is asked for (AWS Config Developer Guide, "step-functions-state-machine-logging-
    enabled")."""
    accepted = _LEVELS[: max(map(_LEVELS.index, levels)) + 1]
    return rule("StepFunctions.1", "StepFunctions::StateMachine", equal("LoggingConfiguration.Level", *accepted))


RULES: list[Rule] = [
    customizable(_logged, some_of("logLevel", *_LEVELS)),
]
