"""What an engine said of a resource."""

from dataclasses import dataclass

from local.check.answer import NO, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Whether a rule is violated or, where the rule itself broke off, why it did."""

    is_violated: Answer = NO
    problem: str | None = None


Verdicts = dict[tuple[str, str], Said]  # by logical id and the rule's name; nothing where a rule isn't about a resource
