"""What a Security Hub may set of a control: the control's parameters, and how their values are read.

A value is what BatchGetSecurityControls gives of it: a number, a text, a truth, or a list. Whoever reads one raises
ValueError for what can't be meant. Source of names, values and defaults: AWS Security Hub User Guide, "Control
reference for Security Hub CSPM", the table "Parameters" of each control.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A control's parameter: its name as the hub has it, what holds where the hub says nothing, and how a value of it
    is read."""

    name: str
    default: Any
    read: Callable[[Any], Any]


def in_force(name: str) -> str:
    """What a rule depends on that can't do as a hub has set a parameter."""
    return f"the parameter {name} of Security Hub"


def number(name: str, default: float | None = None) -> Parameter:
    """A number, which Security Hub often has as a text; None where none is asked for."""
    return Parameter(name=name, default=default, read=_number)


def numbers(name: str, *default: float) -> Parameter:
    return Parameter(name=name, default=default, read=lambda value: tuple(map(_number, _listed(value))))


def flag(name: str, *, default: bool) -> Parameter:
    return Parameter(name=name, default=default, read=_flag)


def texts(name: str, *default: str) -> Parameter:
    return Parameter(name=name, default=default, read=lambda value: tuple(map(_text, _listed(value))))


def some_of(name: str, *allowed: str, default: tuple[str, ...] | None = None) -> Parameter:
    """One or several of the allowed texts, as a tuple; by default all of them."""

    def read(value: Any) -> tuple[str, ...]:
        found = tuple(map(_text, _listed(value if isinstance(value, list) else [value])))
        if not set(found) <= set(allowed):
            raise ValueError(value)
        return found

    return Parameter(name=name, default=allowed if default is None else default, read=read)


def _number(value: Any) -> float:
    found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    if not math.isfinite(found):
        raise ValueError(value)
    return int(found) if found.is_integer() else found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(value)
    return value
