"""Every control that is checked, on its two templates in tests/check: a bad one and a good one."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from local.check.controls import Control, controls
from local.check.decide import Predicted, predict
from local.check.engines import install_engines
from local.check.guard import guard
from local.check.load import load_template
from local.check.nag import nag
from local.check.own import OWN_RULES
from local.check.rules.tags import STACK_TAGS
from local.check.said import Verdicts
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, unknowns

FIXTURES = Path(__file__).parents[1] / "check"
CHECKED = [control for control in controls() if control.is_checked]
# A rule that is a resource of its own counts for its group or ACL, where that stands in the template.
COUNT_FOR_ANOTHER = {"AWS::EC2::SecurityGroupIngress", "AWS::EC2::NetworkAclEntry"}


def _template(control: Control, name: str) -> Template:
    file = FIXTURES / control.id / f"{name}.yaml"
    return load_template(file, f"{control.id}/{name}", {})


def _renamed(value: Any, prefix: str) -> Any:
    if isinstance(value, Reference):
        return replace(value, logical_id=f"{prefix}{value.logical_id}")
    if isinstance(value, Unknown):
        source = f"{prefix}{value.source}" if value.source.isalnum() else value.source  # a resource, or a parameter
        return replace(
            value, source=source, choices=value.choices and tuple(_renamed(one, prefix) for one in value.choices)
        )
    if isinstance(value, str):
        return re.sub(r"\$\{(?=[A-Za-z0-9]+[.}])", f"${{{prefix}", value)
    if isinstance(value, dict):
        return {name: _renamed(one, prefix) for name, one in value.items()}
    return [_renamed(one, prefix) for one in value] if isinstance(value, list) else value


def _prefix(control: Control, name: str) -> str:
    return f"{control.id.replace('.', 'X')}X{name}X"


def _resources(control: Control, name: str) -> Iterator[Resource]:
    prefix = _prefix(control, name)
    for resource in _template(control, name).resources:
        yield replace(
            resource,
            logical_id=f"{prefix}{resource.logical_id}",
            properties=_renamed(dict(resource.properties), prefix),
        )


@pytest.fixture(scope="module")
def fixtures() -> list[Template]:
    """All the fixtures as two templates: those with something unknown, which engines see in several forms, and the
    others."""
    install_engines()
    known: list[Resource] = []
    unknown: list[Resource] = []
    for control in CHECKED:
        for name in ("bad", "good"):
            found = list(_resources(control, name))
            of_choice = unknown if any(any(unknowns(dict(one.properties))) for one in found) else known
            of_choice += found
    return [Template(file="fixtures", resources=tuple(resources)) for resources in (known, unknown)]


@pytest.fixture(scope="module")
def found(fixtures: list[Template]) -> list[Predicted]:
    return predict(fixtures, CHECKED)


@pytest.mark.parametrize("control", CHECKED, ids=lambda control: control.id)
def test_a_checked_control_finds_what_is_bad_and_nothing_that_is_good(control: Control, found: list[Predicted]) -> None:
    of_control = [one for one in found if one.control.id == control.id]
    good = [one for one in of_control if one.resource.logical_id.startswith(_prefix(control, "good"))]
    # What has no tags in its template may have those of its stack.
    found_bad = {one.resource.logical_id for one in of_control if one.is_certain or one.undecided == {STACK_TAGS}}
    bad = [one for one in _resources(control, "bad") if one.type in control.types]
    assert bad, f"{control.id} has nothing in its bad template"
    missed = [one.logical_id for one in bad if one.logical_id not in found_bad and one.type not in COUNT_FOR_ANOTHER]
    assert missed == []
    assert [(one.resource.logical_id, one.undecided, one.problem) for one in good] == []


def test_every_rule_of_our_own_is_in_the_map() -> None:
    assert set(OWN_RULES) == {control.id for control in CHECKED if control.decided_by == "own"}


def test_every_fixture_belongs_to_a_checked_control() -> None:
    folders = {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()}
    assert folders == {control.id for control in CHECKED}


def _of(templates: list[Template], controls: list[Control]) -> list[Template]:
    """What of the fixtures belongs to these controls."""
    prefixes = tuple({_prefix(control, name) for control in controls for name in ("bad", "good")})
    return [
        replace(one, resources=tuple(found for found in one.resources if found.logical_id.startswith(prefixes)))
        for one in templates
    ]


def _joined(verdicts: list[Verdicts]) -> Verdicts:
    return {key: one for of_template in verdicts for key, one in of_template.items()}


def test_where_another_engine_says_something_else_a_reason_is_known(fixtures: list[Template]) -> None:
    """The engines that don't decide a control are asked all the same: what they say otherwise stands in
    known_differences.csv, and what stands there is so."""
    others = [(control, claim) for control in CHECKED for claim in control.claimed_by if claim != control.decided_by]
    nag_rules = sorted({claim.partition(":")[2] for _, claim in others if claim.startswith("nag")})
    said = {"nag": _joined(nag(_of(fixtures, [control for control, _ in others]), nag_rules)), "guard": Verdicts()}
    for _, of_service in groupby(others, key=lambda other: other[0].id.partition(".")[0]):
        # cfn-guard reads a template anew for each of its rules: of each service its own are enough.
        pairs = list(of_service)
        guard_rules = sorted({claim.partition(":")[2] for _, claim in pairs if claim.startswith("guard")})
        said["guard"] |= _joined(guard(_of(fixtures, [control for control, _ in pairs]), guard_rules))
    types = {one.logical_id: one.type for template in fixtures for one in template.resources}
    differences = set()
    for control, claim in others:
        engine, _, rule = claim.partition(":")
        for name in ("bad", "good"):
            of_fixture = [
                said[engine].get((logical_id, rule))
                for logical_id, kind in types.items()
                if logical_id.startswith(_prefix(control, name)) and kind in control.types
            ]
            is_violated = any(one is not None and one.is_violated.truth is True for one in of_fixture)
            if is_violated != (name == "bad"):
                differences.add((control.id, claim, name))
    with (FIXTURES / "known_differences.csv").open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    assert differences == {(row["control_id"], row["rule"], row["template"]) for row in known}
    assert all(row["reason"].strip() for row in known)
