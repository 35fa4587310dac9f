"""A template's parameter: what it is, by its declaration and what is given.

Source: CloudFormation User Guide, "CloudFormation template Parameters syntax".
"""

import re
from typing import Any

from local.check.combined import MAX_CHOICES, of_each, scalar
from local.check.value import ABSENT, Unknown, Value, unknown_parts
from local.errors import TemplateError

_LIST_TYPES = re.compile(r"CommaDelimitedList|List<.*>|AWS::SSM::Parameter::Value<(?:CommaDelimitedList|List<.*>)>")


def parameter_value(name: str, declared: Any, given: Value | None) -> Value:
    """Its value; a `given` one may be unknown to the parent stack that gives it, and ABSENT where the default holds."""
    if not isinstance(declared, dict):
        raise TemplateError(f"the parameter {name} is declared by no mapping")
    kind, allowed = str(declared.get("Type", "String")), declared.get("AllowedValues")
    if isinstance(given, Unknown) and given.choices is not None:
        return of_each(given, lambda one: parameter_value(name, declared, None if one is ABSENT else one))
    value = declared.get("Default") if given is None else scalar(given)
    if kind.startswith("AWS::SSM::Parameter::Value"):
        return Unknown(source=f"parameter {name}")  # the default is the name of what holds the value
    if value is None or isinstance(value, Unknown):
        source = f"parameter {name}" if value is None else value.source
        choices = tuple(allowed) if isinstance(allowed, list) and 0 < len(allowed) <= MAX_CHOICES else None
        return Unknown(source=source, choices=choices)
    is_known = isinstance(value, str) and not unknown_parts(value)
    if given is not None and is_known and isinstance(allowed, list) and value not in map(_text, allowed):
        raise TemplateError(f"the parameter {name} is {value}, and may be: {', '.join(map(_text, allowed))}")
    if _LIST_TYPES.fullmatch(kind) and not isinstance(value, list):
        return [one.strip() for one in str(value).split(",")] if str(value) else []
    return value


def _text(value: Any) -> str:
    return str(scalar(value))
