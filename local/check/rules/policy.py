"""Policy documents of IAM and of resources: what a statement is about, whom it is for, and whether that is everyone.

What nobody knows yet, a parameter, an account's id or an ARN of the template, is taken for one certain name: it is
never a wildcard by itself.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from typing import Any

from local.check.answer import NO, YES, Answer, every, of, some, undecided
from local.check.rule import Predicate, Rule, all_of, any_item, equal, given, negated
from local.check.template import Resource, Template
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

    def ask_statement(statement: Value) -> Answer:
        if isinstance(statement, Unknown) and statement.choices is None:
            return undecided(statement.source)
        return all_of(*predicates)(statement)

    return any_item("Statement", ask_statement)(_parsed(document))


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
            return some(any_text(named, partial(fits, action)) for action in actions)
        return some(~any_text(left_out, partial(fits, action)) for action in actions)

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
    return of_each_choice(at(statement, "Condition"), _restricts)


allowing_everyone: Predicate = all_of(allowing, for_everyone, negated(restricted))


def denying_strangers(statement: Value) -> Answer:
    """Whether it denies everything to all but certain callers."""
    return every(
        [
            denying(statement),
            for_everyone(statement),
            any_text(at(statement, "Action"), lambda text: re.fullmatch(r"(\w+:)?\*", text) is not None),
            of_each_choice(at(statement, "Condition"), _excludes),
        ]
    )


def any_text(value: Value, test: Callable[[str], bool]) -> Answer:
    """Whether any text of a list, or the one that stands in the place of a list, is so."""

    def ask_texts(known: Any) -> Answer:
        if isinstance(known, list):
            return some(any_text(one, test) for one in known)
        return of(isinstance(known, str | int) and test(str(known)))  # an account may stand there as a number

    return of_each_choice(value, ask_texts, NO)


def fits(text: str, pattern: str) -> bool:
    """Whether an action or an ARN is one that a pattern with * and ? stands for; case doesn't matter."""
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.IGNORECASE) is not None


# ---- conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTest:
    """One test of a condition; operator and key in small letters."""

    operator: str
    key: str
    values: Value


def condition_tests(condition: Any) -> list[ConditionTest]:
    """All the tests of a condition."""
    if not isinstance(condition, Mapping):
        return []
    return [
        ConditionTest(operator=str(operator).lower(), key=str(key).lower(), values=values)
        for operator, tests in condition.items()
        if isinstance(tests, Mapping)
        for key, values in tests.items()
    ]


def of_each_choice(value: Value, question: Callable[[Any], Answer], otherwise: Answer | None = None) -> Answer:
    """What holds of a value; of an unknown one, what holds of all that it may be, or `otherwise` if that is
    anything."""
    if not isinstance(value, Unknown):
        return question(value)
    if value.choices is None:
        return undecided(value.source) if otherwise is None else otherwise
    answers = [of_each_choice(choice, question, otherwise) for choice in value.choices]
    if answers and answers[0].truth is not None and all(one.truth is answers[0].truth for one in answers):
        return answers[0]
    return undecided(value.source, *(source for one in answers for source in one.sources))


# ---- policies of other resources


def some_policy(
    resource: Resource, template: Template, name: str, holders: Mapping[str, str], question: Predicate
) -> Answer:
    """Whether something holds of the document of a policy that is attached to a resource by one of its own.

    `name` is the property with the resource's own name, and `holders` has, by type ("AWS::S3::BucketPolicy"), where
    such a policy says what it is attached to.
    """
    return some(
        is_own & question(at(policy.properties, "PolicyDocument"))
        for kind, path in holders.items()
        for policy in template.of_type(kind)
        if (is_own := attached(resource, policy, at(policy.properties, path), name)).truth is not False
    )


def attached(resource: Resource, policy: Resource, targets: Value, name: str) -> Answer:
    """Whether a policy exists wherever a resource does, and this is one of its targets, a list or one value."""
    own = resource.properties.get(name, ABSENT)
    exists = YES if policy.existence in (None, resource.existence) else undecided(policy.existence.source)
    is_target = of_each_choice(
        targets, lambda known: some(names(one, resource.logical_id, own) for one in as_list(known)), NO
    )
    return is_target & exists


def names(value: Value, logical_id: str, name: Value) -> Answer:
    """Whether a value is a reference to a resource, or the name that the template gives it."""
    if isinstance(value, Reference):
        return of(value.logical_id == logical_id)
    if value is ABSENT:
        return NO
    if isinstance(value, Unknown):
        if name is ABSENT:
            return NO  # a name that CloudFormation makes up is nothing that anybody could give
        return YES if value == name else undecided(value.source)
    return of(isinstance(value, str) and (value == name or _contains(value, logical_id, name)))


def as_list(value: Any) -> list[Value]:
    """A list, or the one value that stands in the place of one."""
    if value is ABSENT:
        return []
    return value if isinstance(value, list) else [value]


def _contains(text: str, logical_id: str, name: Value) -> bool:
    """Whether an address or an ARN is of a resource."""
    if f"${{{logical_id}}}" in text or f"${{{logical_id}." in text:
        return True
    return isinstance(name, str) and text.endswith((f":{name}", f"/{name}"))


def _parsed(document: Value) -> Value:
    if isinstance(document, str):
        try:
            return json.loads(document)
        except ValueError:
            return Unknown(source="a policy document that is no JSON")
    return document


def _names_everyone(statement: Value) -> Answer:
    return some(any_text(at(statement, path), lambda text: text == "*") for path in ("Principal", "Principal.AWS"))


def _restricts(condition: Any) -> Answer:
    """Whether any of its tests leaves only certain callers."""
    tests = [
        _fixed(test.key, test.values)
        for test in condition_tests(condition)
        if test.operator.removeprefix("foranyvalue:") in _LIMITING and test.key in _CALLER_KEYS
    ]
    parts = condition.values() if isinstance(condition, Mapping) else ()
    return some([*tests, *(undecided(part.source) for part in parts if isinstance(part, Unknown))])


def _excludes(condition: Any) -> Answer:
    """Whether it is met by all but certain callers."""
    tests = [test for test in condition_tests(condition) if test.key not in _SERVICE_KEYS]
    answers = [
        _fixed(test.key, test.values) & of(_EXCLUDING.fullmatch(test.operator) is not None and test.key in _CALLER_KEYS)
        for test in tests
    ]
    return every(answers) if answers else NO


def _fixed(key: str, values: Value) -> Answer:
    """Whether all values of a test are fixed ones."""
    return of_each_choice(values, lambda known: _all_fixed(key, known), YES)


def _all_fixed(key: str, values: Any) -> Answer:
    if values is ABSENT:
        return NO
    return every(_fixed(key, one) if isinstance(one, Unknown) else of(_is_fixed(key, one)) for one in as_list(values))


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
