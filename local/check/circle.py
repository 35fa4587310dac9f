"""Resources that depend on each other in a circle, which CloudFormation refuses.

Source: CloudFormation User Guide, "Troubleshooting CloudFormation", "Circular dependency".
"""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from local.check.resolve import Resolver
from local.check.value import Unknown
from local.errors import TemplateError

_VARIABLE = re.compile(r"\$\{([^!${}.][^${}.]*)(?:\.[^${}]*)?\}")


def require_no_circle(resources: Mapping[str, Any], resolver: Resolver) -> None:
    """Raise TemplateError that names the circle, where there is one among resources that may exist.

    What a condition decides, and nobody knows which way, is left out: one way there may be none.
    """
    depends = {name: [*dict.fromkeys(_named(one, resources, resolver))] for name, one in resources.items()}
    try:
        TopologicalSorter(depends).prepare()
    except CycleError as error:
        names = " → ".join(reversed(error.args[1]))
        raise TemplateError(f"its resources depend on each other in a circle: {names}") from None


def _named(resource: Any, resources: Mapping[str, Any], resolver: Resolver) -> Iterator[str]:
    """The resources that one depends on, if it exists."""
    if not isinstance(resource, dict) or _decided(resource.get("Condition"), resolver, True) is False:
        return
    after = resource.get("DependsOn") or []
    named = [*(after if isinstance(after, list) else [after]), *_names_in(resource.get("Properties"), resolver)]
    yield from (name for name in named if isinstance(name, str) and name in resources)


def _names_in(value: Any, resolver: Resolver) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        if not isinstance(node, dict):
            continue
        name, argument = next(iter(node.items())) if len(node) == 1 else ("", None)
        arguments: list[Any] = argument if isinstance(argument, list) and argument else [argument]
        if name == "Ref":
            yield argument
        elif name == "Fn::GetAtt":
            yield str(arguments[0]).partition(".")[0]
        elif name == "Fn::Sub":
            # Nothing resolves what stands in a function that is unknown here, so it may be no mapping.
            given: Any = arguments[1] if len(arguments) == 2 and isinstance(arguments[1], dict) else {}
            yield from (one for one in _VARIABLE.findall(str(arguments[0])) if one not in given)
            waiting.append(given)
        elif name == "Fn::If" and len(arguments) == 3:
            truth = _decided(arguments[0], resolver, None)
            waiting += [] if truth is None else [arguments[1] if truth else arguments[2]]
        else:
            waiting += reversed(node.values())


def _decided(condition: Any, resolver: Resolver, otherwise: bool | None) -> Any:
    """Whether a condition holds; `otherwise` where nobody knows, or there is none."""
    truth = otherwise if condition is None else resolver.condition(str(condition))
    return otherwise if isinstance(truth, Unknown) else truth
