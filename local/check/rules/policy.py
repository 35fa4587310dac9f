"""Policy documents of IAM and of resources: what a statement is about, whom it is for, and whether that is everyone.

What nobody knows yet, a parameter, an account's id or an ARN of the template, is taken for one certain name: it is
never a wildcard by itself.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import ip_network
from typing import Any

from local.check.answer import NO, YES, Answer, every, of, some, undecided
from local.check.rule import Predicate, Rule, all_of, any_item, equal, given, negated
from local.check.value import ABSENT, Reference, Unknown, Value, at

RULES: list[Rule] = []  # this module only helps the others

# What a condition may ask of a caller, so that not everyone is one (Amazon S3 User Guide, "Blocking public access to
# your Amazon S3 storage", the meaning of "public"; AWS Global condition context keys; Condition keys for AWS KMS).
_CALLER_KEYS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}
_SERVICE_KEYS = {"aws:principalisawsservice", "aws:viaawsservice"}
_LIMITING = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
_EXCLUDING = re.compile(r"(stringnot(equals|equalsignorecase|like)|arnnot(equals|like)|notipaddress)(ifexists)?")
_POLICY_VARIABLE = re.compile(r"\$\{[^:}]+:[^:}][^}]*\}")  # ${aws:username}, and not ${AWS::AccountId}
_BROADEST = {4: 8, 6: 32}  # prefixes of source addresses: what is broader is the public


# ---- documents


def some_statement(document: Value, *predicates: Predicate) -> Answer:
    """Whether one statement of a policy document, which may be a JSON text, is all of that."""
    return any_item("Statement", all_of(*predicates))(_parsed(document))


def is_public(document: Value) -> Answer:
    """Whether it allows everyone anything."""
    return some_statement(document, allowing_everyone) & ~some_statement(document, denying_strangers)


# ---- statements

allowing: Predicate = equal("Effect", "Allow")
denying: Predicate = equal("Effect", "Deny")


def about(*actions: str) -> Predicate:
    """Whether it is about one of the actions, as "s3:GetObject", by its Action or its NotAction."""

    def ask_actions(statement: Value) -> Answer:
        named, left_out = at(statement, "Action"), at(statement, "NotAction")
        if left_out is ABSENT:
            return some(any_text(named, partial(_fits, action)) for action in actions)
        return some(~any_text(left_out, partial(_fits, action)) for action in actions)

    return ask_actions


def about_all_of(service: str) -> Predicate:
    """Whether it is about every action of a service ("s3"), or of all ("*")."""
    return lambda statement: any_text(at(statement, "Action"), lambda text: text.lower() in {"*", f"{service}:*"})


def on_everything(statement: Value) -> Answer:
    """Whether it is about every resource."""
    return any_text(at(statement, "Resource"), lambda text: text == "*")


def for_everyone(statement: Value) -> Answer:
    """Whether its principal is everyone, of every account; all but somebody are everyone, too."""
    return _names_everyone(statement) | given("NotPrincipal")(statement)


def restricted(statement: Value) -> Answer:
    """Whether a condition leaves only callers of certain accounts, organizations, networks or resources.

    Only fixed values count, without wildcards and policy variables (AWS Security Hub User Guide, the notes on S3.2,
    SQS.3, SNS.4, KMS.5 and Lambda.1).
    """
    return _of_each_choice(at(statement, "Condition"), _restricts)


allowing_everyone: Predicate = all_of(allowing, for_everyone, negated(restricted))


def denying_strangers(statement: Value) -> Answer:
    """Whether it denies everything to all but certain callers."""
    return every(
        [
            denying(statement),
            for_everyone(statement),
            any_text(at(statement, "Action"), lambda text: re.fullmatch(r"(\w+:)?\*", text) is not None),
            _of_each_choice(at(statement, "Condition"), _excludes),
        ]
    )


def any_text(value: Value, test: Callable[[str], bool]) -> Answer:
    """Whether any text of a list, or the one that stands in the place of a list, is so."""

    def ask_texts(known: Any) -> Answer:
        if isinstance(known, list):
            return some(any_text(one, test) for one in known)
        return of(isinstance(known, str) and test(known))

    if isinstance(value, Unknown) and value.choices is None:
        return NO
    return _of_each_choice(value, ask_texts)


# ---- policies of other resources


def names(value: Value, logical_id: str, name: Value) -> Answer:
    """Whether a value is a reference to a resource, or the name that the template gives it."""
    if isinstance(value, Reference):
        return of(value.logical_id == logical_id)
    if value is ABSENT:
        return NO
    if value == name:
        return YES
    if isinstance(value, Unknown):
        return undecided(value.source)
    return of(isinstance(value, str) and _ends_with_name(value, logical_id, name))


def _ends_with_name(text: str, logical_id: str, name: Value) -> bool:
    """Of an ARN, or of a text with a reference in it."""
    if f"${{{logical_id}}}" in text or f"${{{logical_id}." in text:
        return True
    return isinstance(name, str) and text.endswith(f":{name}")


def _parsed(document: Value) -> Value:
    if isinstance(document, str):
        try:
            return json.loads(document)
        except ValueError:
            return Unknown(source="a policy document that is no JSON")
    return document


def _names_everyone(statement: Value) -> Answer:
    return some(any_text(at(statement, path), lambda text: text == "*") for path in ("Principal", "Principal.AWS"))


def _fits(action: str, pattern: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), action, re.IGNORECASE) is not None


def _of_each_choice(value: Value, question: Callable[[Any], Answer]) -> Answer:
    """What holds of a value; of an unknown one, what holds of all that it may be."""
    if not isinstance(value, Unknown):
        return question(value)
    if value.choices is None:
        return undecided(value.source)
    answers = [_of_each_choice(choice, question) for choice in value.choices]
    if answers and answers[0].truth is not None and all(one.truth is answers[0].truth for one in answers):
        return answers[0]
    return undecided(value.source, *(source for one in answers for source in one.sources))


def _restricts(condition: Any) -> Answer:
    """Whether any of its tests leaves only certain callers."""
    return some(
        _fixed(key, values)
        for operator, key, values in _tests(condition)
        if operator.removeprefix("foranyvalue:") in _LIMITING and key in _CALLER_KEYS
    )


def _excludes(condition: Any) -> Answer:
    """Whether it is met by all but certain callers."""
    tests = [test for test in _tests(condition) if test[1] not in _SERVICE_KEYS]
    answers = [
        _fixed(key, values) & of(_EXCLUDING.fullmatch(operator) is not None and key in _CALLER_KEYS)
        for operator, key, values in tests
    ]
    return every(answers) if answers else NO


def _tests(condition: Any) -> list[tuple[str, str, Value]]:
    if not isinstance(condition, Mapping):
        return []
    return [
        (str(operator).lower(), str(key).lower(), values)
        for operator, tests in condition.items()
        if isinstance(tests, Mapping)
        for key, values in tests.items()
    ]


def _fixed(key: str, values: Value) -> Answer:
    """Whether all values of a test are fixed ones."""
    if isinstance(values, Unknown) and values.choices is None:
        return YES
    return _of_each_choice(values, lambda known: _all_fixed(key, known))


def _all_fixed(key: str, values: Any) -> Answer:
    if values is ABSENT:
        return NO
    found = values if isinstance(values, list) else [values]
    return every(_fixed(key, one) if isinstance(one, Unknown) else of(_is_fixed(key, one)) for one in found)


def _is_fixed(key: str, value: Any) -> bool:
    if not isinstance(value, str):
        return True  # a reference, or the number of an account
    if key == "aws:sourceip":
        return _is_narrow(value)
    return not any(sign in _POLICY_VARIABLE.sub("*", value) for sign in "*?")


def _is_narrow(address: str) -> bool:
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        return "${" in address  # of which a part is unknown
    return network.is_private or network.prefixlen >= _BROADEST[network.version]
