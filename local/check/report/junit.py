"""JUnit's XML, which every CI shows: a suite for each template, a case for each control and resource."""

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from local.check.decide import Predicted
from local.check.result import Result, doubt, place, remediation
from local.words import said

# Extensible Markup Language 1.0, "Characters": what has no place in it, whatever a template calls its resources.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(result: Result) -> str:
    """What is violated fails, what is accepted or undecided is skipped; what could not be checked is an error."""
    listed = sorted(result.found, key=lambda one: one.template.file)
    suites = [_suite(file, list(found), result) for file, found in groupby(listed, key=lambda one: one.template.file)]
    if result.problems:
        cases = [
            f'    <testcase name="template" classname={quoteattr(problem)}><error>{escape(problem)}</error></testcase>'
            for problem in result.problems
        ]
        suites.append(_joined(said("Not checked"), cases, errors=len(cases)))
    if not suites:
        suites.append(_joined("templates", ['    <testcase name="no violation" classname="shirase check"/>']))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suites, "</testsuites>", ""]
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines))


def _suite(file: str, found: list[Predicted], result: Result) -> str:
    failures = sum(_fails(one, result) for one in found)
    return _joined(file, [_case(one, result) for one in found], failures=failures, skipped=len(found) - failures)


def _joined(name: str, cases: list[str], *, failures: int = 0, errors: int = 0, skipped: int = 0) -> str:
    numbers = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    return "\n".join([f"  <testsuite name={quoteattr(name)} {numbers}>", *cases, "  </testsuite>"])


def _fails(one: Predicted, result: Result) -> bool:
    return not one.accepted and (one.is_certain or result.is_strict)


def _case(one: Predicted, result: Result) -> str:
    # GitLab shows one of those whose name and class are alike.
    name, of = f"{one.control.id} {one.resource.name}", one.template.file
    opened = f"    <testcase name={quoteattr(name)} classname={quoteattr(of)}>"
    text = escape(f"{one.control.title}\n{place(one)}\n{remediation(one)}")
    if one.accepted:
        inner = f"<skipped message={quoteattr(said(f'accepted: {one.accepted.reason}'))}/>"
    elif _fails(one, result):
        if not one.is_certain:
            text = escape(f"{said(f'undecided: {doubt(one)}')}\n") + text
        attributes = f"type={quoteattr(one.control.severity.name)} message={quoteattr(one.control.title)}"
        inner = f"<failure {attributes}>{text}</failure>"
    else:
        inner = f"<skipped message={quoteattr(said(f'undecided: {doubt(one)}'))}/>"
    return f"{opened}{inner}</testcase>"
