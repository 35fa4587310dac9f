"""The sample templates of tests/check_samples, and what Security Hub reports of each once it is deployed."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local.check.acceptance import accepted
from local.check.controls import controls
from local.check.decide import Predicted, predict
from local.check.engines import install_engines
from local.check.inputs import load_all
from local.check.load import load_template

SAMPLES = Path(__file__).parents[1] / "check_samples"
TODAY = date(2026, 11, 26)
EXPECTED = {
    name: expected
    for name, expected in json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")).items()
    if not name.startswith("_")
}
# With the parameters that are given, a template is one of its own.
GIVEN = {
    (name, given): {**expected, **more}
    for name, expected in EXPECTED.items()
    for given, more in expected.get("with_parameters", {}).items()
}
ASKED = [control for control in controls() if "fsbp" in control.standards]
CHECKED = {control.id for control in ASKED if control.is_checked}

Found = dict[str, set[str]]  # control ids by resource


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list[Predicted]]:
    """What is found in every sample, by its name and the parameters that were given; the engines start once."""
    install_engines()
    asked = {(name, ""): load_all([str(SAMPLES / name)], {}, TODAY) for name in EXPECTED}
    templates = {key: loaded.templates for key, loaded in asked.items()}
    for name, given in GIVEN:
        parameters = dict(pair.split("=") for pair in given.split())
        templates[name, given] = [load_template(SAMPLES / name, name, parameters)]
    assert [loaded.problems for loaded in asked.values() if loaded.problems] == []
    everything = predict([one for several in templates.values() for one in several], ASKED)
    return {
        key: [one for one in everything if any(one.template is template for template in several)]
        for key, several in templates.items()
    }


def by_resource(found: Iterable[Predicted]) -> Found:
    controls_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        controls_of[one.resource.name].add(one.control.id)
    return dict(controls_of)


def checked(expected: dict[str, list[str]]) -> Found:
    return {name: known for name, ids in expected.items() if (known := CHECKED.intersection(ids))}


def test_every_control_that_is_expected_has_a_rule() -> None:
    parts = [
        expected.get(part, {}) for expected in EXPECTED.values() for part in ("violations", "undecided", "accepted")
    ]
    assert {id_ for part in parts for ids in part.values() for id_ in ids} <= CHECKED


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_violates_what_it_will_violate_and_nothing_else(name: str, found: Any) -> None:
    expected = EXPECTED[name]
    why = {id(one): accepted(one.control, one.resource, TODAY) for one in found[name, ""]}
    of_sample = [(one, why[id(one)]) for one in found[name, ""]]
    assert by_resource(one for one, reason in of_sample if one.is_certain and not reason) == checked(
        expected["violations"]
    )
    assert by_resource(one for one, reason in of_sample if not one.is_certain and not reason) == checked(
        expected.get("undecided", {})
    )
    assert by_resource(one for one, reason in of_sample if reason) == checked(expected.get("accepted", {}))
    assert [one.problem for one, _ in of_sample if one.problem] == []


@pytest.mark.parametrize(("name", "given"), GIVEN)
def test_parameters_that_are_given_decide_more(name: str, given: str, found: Any) -> None:
    of_sample = by_resource(found[name, given])
    for resource, ids in GIVEN[name, given]["must_not"].items():
        assert of_sample.get(resource, set()).isdisjoint(ids)


def test_accounts_and_regions_are_those_of_the_assembly(found: Any) -> None:
    meant = {(one.resource.name, one.template.account_id, one.template.region) for one in found["cdk.out", ""]}
    assert {
        ("ExportStack/Bucket/Resource", "111122223333", "ap-northeast-1"),
        ("Prod/QueueStack/Queue/Resource", "444455556666", "us-east-1"),
    } >= {one for one in meant if "Secret" not in one[0]}
