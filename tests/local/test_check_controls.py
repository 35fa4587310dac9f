"""Every control that is checked, on its two templates in tests/check: a bad one and a good one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.check.controls import Control, controls
from local.check.decide import Predicted, predict
from local.check.engines import install_engines
from local.check.load import load_template
from local.check.own import OWN_RULES
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown

FIXTURES = Path(__file__).parents[1] / "check"
CHECKED = [control for control in controls() if control.is_checked]


def _template(control: Control, name: str) -> Template:
    file = FIXTURES / control.id / f"{name}.yaml"
    return load_template(file, f"{control.id}/{name}", {})


def _renamed(value: Any, prefix: str) -> Any:
    if isinstance(value, Reference):
        return replace(value, logical_id=f"{prefix}{value.logical_id}")
    if isinstance(value, Unknown):
        return replace(value, choices=value.choices and tuple(_renamed(one, prefix) for one in value.choices))
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
def found() -> list[Predicted]:
    """All that is found in all the fixtures, as one template: each engine starts once."""
    install_engines()
    resources = [one for control in CHECKED for name in ("bad", "good") for one in _resources(control, name)]
    return predict([Template(file="fixtures", resources=tuple(resources))], CHECKED)


@pytest.mark.parametrize("control", CHECKED, ids=lambda control: control.id)
def test_a_checked_control_finds_what_is_bad_and_nothing_that_is_good(control: Control, found: list[Predicted]) -> None:
    of_control = [one for one in found if one.control.id == control.id]
    bad = [one for one in of_control if one.resource.logical_id.startswith(_prefix(control, "bad"))]
    good = [one for one in of_control if one.resource.logical_id.startswith(_prefix(control, "good"))]
    assert any(one.is_certain for one in bad), f"{control.id} is not found in its bad template"
    assert [(one.resource.logical_id, one.undecided, one.problem) for one in good] == []


def test_every_rule_of_our_own_is_in_the_map() -> None:
    assert set(OWN_RULES) == {control.id for control in CHECKED if control.decided_by == "own"}


def test_every_fixture_belongs_to_a_checked_control() -> None:
    folders = {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()}
    assert folders == {control.id for control in CHECKED}
