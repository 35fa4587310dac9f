"""What is deployed with a template, and stands in none that was read: nested stacks, stack sets, modules."""

import os
from collections.abc import Container
from datetime import date
from pathlib import Path

from local.check.acceptance import is_passed_over
from local.check.nested import STACK, files_of
from local.check.template import Resource, Template
from local.errors import TemplateError
from local.template_file import resolved

MODULE = "::MODULE"  # "Company::Service::Thing::MODULE"
STACK_SET = "AWS::CloudFormation::StackSet"


def elsewhere(path: Path, template: Template, stack: Resource, read: Container[Path | None], today: date) -> str | None:
    """That a resource of the template at `path` is made of others that stand in none of those that were read, and
    nobody accepts that; None where it is not so."""
    if stack.type not in {STACK, STACK_SET} and not stack.type.endswith(MODULE):
        return None
    beside = files_of(path, stack)
    if any(resolved(one) in read for one in beside):
        return None
    where = f"{template.file}, line {stack.line}" if stack.line else template.file
    try:
        if is_passed_over(stack, today):
            return None
    except TemplateError as error:
        return f"{template.file}: {error}"
    if stack.type.endswith(MODULE):
        return (
            f"{where}: what the module {stack.name} is made of lies in the registry and is not checked; check it where "
            'it is, and accept the control "*" here'
        )
    if stack.type == STACK_SET and "TemplateBody" in stack.properties:
        return (
            f"{where}: the stack set {stack.name} carries its template within it, which is not checked; check it as a "
            'file of its own, and accept the control "*" here'
        )
    if stack.type == STACK_SET:
        return (
            f"{where}: the template of the stack set {stack.name} lies elsewhere and is not checked; check it where it "
            'is, and accept the control "*" here'
        )
    for file in beside:
        if _is_here(file):
            return f"{where}: the template of the nested stack {stack.name} is not checked: name {file}, too"
    return (
        f"{where}: the template of the nested stack {stack.name} lies elsewhere and is not checked; check it where it "
        'is, and accept the control "*" here'
    )


def _is_here(file: Path) -> bool:
    """Whether there is such a file below the current folder: of others a pasted template must not learn."""
    whole = resolved(file)
    # Path.is_file raises where a name is too long.
    return whole is not None and whole.is_relative_to(Path.cwd().resolve()) and os.path.isfile(whole)  # noqa: PTH113
