"""The map: every control that is known, and who decides from a template whether it is violated."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from shared.finding.violation import Severity

CONTROLS = Path(__file__).parent / "controls.csv"
ACCOUNT = "account"  # decided by: only what is deployed tells
OWN = "own"  # decided by: a rule of local/check/rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control. `standards` has "fsbp" and "cis"; `types` the resource types that it is about.

    `decided_by` is OWN, "nag:" and a rule of cdk-nag, "guard:" and the id of a proactive control of AWS Control Tower,
    ACCOUNT, or empty where no rule is known yet. `claimed_by` has the engines' rules that are said to be about the
    same, whether one of them decides or not. `parameters` has, by name, what a Security Hub has set in the place of the
    defaults.
    """

    id: str
    title: str
    severity: Severity
    standards: frozenset[str]
    types: tuple[str, ...]
    decided_by: str
    claimed_by: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_checked(self) -> bool:
        return self.decided_by not in {"", ACCOUNT}

    @property
    def rule(self) -> str:
        """The engine's rule, without the engine."""
        return self.decided_by.partition(":")[2]

    @property
    def engine(self) -> str:
        """OWN, "nag" or "guard"."""
        return self.decided_by.partition(":")[0]


@cache
def controls() -> tuple[Control, ...]:
    """All of the map, in its order."""
    return tuple(_read())


def _read() -> Iterator[Control]:
    with CONTROLS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Control(
                id=row["control_id"],
                title=row["title"],
                severity=Severity[row["severity"]],
                standards=frozenset(row["standards"].split()),
                types=tuple(row["types"].split()),
                decided_by=row["decided_by"],
                claimed_by=tuple(row["claimed_by"].split()),
            )
