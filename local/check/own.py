"""All rules of shirase's own, by control."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from local.check import rules
from local.check.rule import Rule


def _all() -> Mapping[str, Rule]:
    """Every module of local/check/rules has its RULES."""
    modules = sorted(module.name for module in iter_modules(rules.__path__))
    found = [rule for name in modules for rule in import_module(f"{rules.__name__}.{name}").RULES]
    return {rule.control: rule for rule in found}


OWN_RULES: Mapping[str, Rule] = _all()
