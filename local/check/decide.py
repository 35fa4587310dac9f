"""Templates → which controls their resources will violate, as far as a template decides it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from local.check.acceptance import Accepted
from local.check.answer import NO, Answer, undecided
from local.check.combined import apart
from local.check.controls import OWN, Control
from local.check.errors import BrokenOffError
from local.check.guard import guard
from local.check.nag import nag
from local.check.own import OWN_RULES
from local.check.parameter import in_force
from local.check.rule import Rule
from local.check.said import Verdicts
from local.check.template import Resource, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A control that a resource will violate, or may (`undecided` has what would decide it), and why that is accepted,
    if it is; `problem` says why its rule could not tell, if it broke off. `parts` are those of the resource that it is
    about, as "GET /orders" of an API, where it is not about all of it."""

    control: Control
    template: Template
    resource: Resource
    undecided: frozenset[str] = frozenset()
    problem: str | None = None
    accepted: Accepted | None = None
    parts: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        return not self.undecided and self.problem is None


def predict(templates: Sequence[Template], controls: Iterable[Control]) -> list[Predicted]:
    """All that the controls find, by template, in the order of its resources; raises EngineError."""
    types = {resource.type for template in templates for resource in template.resources}
    asked = [control for control in controls if control.is_checked and not types.isdisjoint(control.types)]
    rules = {one.id: OWN_RULES[one.id].customized(one.parameters) for one in asked if one.engine == OWN}
    said = {
        "nag": nag(templates, _rules_of("nag", asked)),
        "guard": guard(templates, _rules_of("guard", asked)),
    }
    return [
        found
        for number, template in enumerate(templates)
        for found in _predicted(template, asked, rules, {engine: of_all[number] for engine, of_all in said.items()})
    ]


def predict_each(
    templates: Sequence[Template], controls: Sequence[Control]
) -> tuple[list[Predicted], list[tuple[Template, BrokenOffError]]]:
    """The same, and which templates an engine doesn't get through: where it breaks off, it is asked about each alone,
    so that the others are checked. Raises EngineError where that is so of all of them."""
    try:
        return predict(templates, controls), []
    except BrokenOffError:
        if len(templates) == 1:
            raise
    found: list[Predicted] = []
    failed: list[tuple[Template, BrokenOffError]] = []
    for template in templates:
        try:
            found += predict([template], controls)
        except BrokenOffError as error:
            failed.append((template, error))
    if len(failed) == len(templates):
        raise failed[0][1]
    return found, failed


def _rules_of(engine: str, controls: Iterable[Control]) -> list[str]:
    return sorted({control.rule for control in controls if control.engine == engine})


def _predicted(
    template: Template, controls: Sequence[Control], rules: Mapping[str, Rule], said: Mapping[str, Verdicts]
) -> Iterator[Predicted]:
    for resource in template.resources:
        for control in controls:
            if resource.type not in control.types:
                continue
            parts: tuple[str, ...] = ()
            if control.engine == OWN:
                answer, parts, problem = _asked(rules[control.id], resource, template)
            elif one := said[control.engine].get((resource.logical_id, control.rule)):
                answer, problem = _of_engine(control, one.is_violated), one.problem
            else:
                continue
            found = _found(answer, control, template, resource, problem)
            if found:
                yield replace(found, parts=parts)


def _found(
    answer: Answer, control: Control, template: Template, resource: Resource, problem: str | None
) -> Predicted | None:
    if answer.truth is False and problem is None:
        return None
    undecided = answer.sources if answer.truth is None else frozenset()
    if resource.existence:
        undecided |= {resource.existence.source}
    return Predicted(
        control=control,
        template=template,
        resource=resource,
        undecided=frozenset(one for source in undecided for one in apart(source)),
        problem=problem,
    )


def _asked(rule: Rule, resource: Resource, template: Template) -> tuple[Answer, tuple[str, ...], str | None]:
    """What a rule says of a resource, and of which of its parts; and why it could not tell, if it broke off."""
    try:
        answer = rule.violated(resource, template)
        return answer, () if answer.truth is False else tuple(rule.parts(resource, template)), None
    except Exception as error:  # noqa: BLE001 - told with its resource; all that other rules find still counts
        return NO, (), f"{type(error).__name__}: {error}"


def _of_engine(control: Control, said: Answer) -> Answer:
    """What an engine says, unless the hub has set what the engine doesn't ask about."""
    return undecided(*map(in_force, control.parameters)) if control.parameters else said
