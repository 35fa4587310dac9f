"""Identities and their policies."""

import re
from collections.abc import Iterator

from local.check.answer import YES, Answer, some
from local.check.rule import Judgement, Predicate, Rule, given, judged, negated, rule
from local.check.rules.policy import (
    about,
    allowing,
    any_text,
    as_list,
    attached,
    fits,
    on_everything,
    some_statement,
)
from local.check.template import Resource, Template
from local.check.value import Unknown, Value, at

MANAGED_POLICY = "IAM::ManagedPolicy"
IDENTITIES = ("IAM::User", "IAM::Role", "IAM::Group")
_NAMES = {"AWS::IAM::User": "UserName", "AWS::IAM::Role": "RoleName", "AWS::IAM::Group": "GroupName"}
_INLINE = {  # by the type of an identity: the types of inline policies, and where they name their identities
    "AWS::IAM::User": {"AWS::IAM::Policy": "Users", "AWS::IAM::UserPolicy": "UserName"},
    "AWS::IAM::Role": {"AWS::IAM::Policy": "Roles", "AWS::IAM::RolePolicy": "RoleName"},
    "AWS::IAM::Group": {"AWS::IAM::Policy": "Groups", "AWS::IAM::GroupPolicy": "GroupName"},
}
_DECRYPTION = about("kms:Decrypt", "kms:ReEncryptFrom")
_TWO_KEYS = (
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:444455556666:key/0987dcba-09fe-87dc-65ba-ab0987654321",
)


def _on_every_key(statement: Value) -> Answer:
    return any_text(at(statement, "Resource"), lambda pattern: all(fits(key, pattern) for key in _TWO_KEYS))


def _all_of_a_service(statement: Value) -> Answer:
    """Every action of a service is allowed, or all but some of a service."""
    named = any_text(at(statement, "Action"), lambda text: re.fullmatch(r"\*|[\w-]+:\*", text) is not None)
    return named | any_text(at(statement, "NotAction"), lambda text: re.fullmatch(r"[\w-]+:\*", text) is not None)


def _policy_without(*predicates: Predicate) -> Judgement:
    """A customer managed policy has no statement that allows all of that, unless it is a permissions boundary."""

    def judge(policy: Resource, template: Template) -> Answer:
        found = some_statement(at(policy.properties, "PolicyDocument"), allowing, *predicates)
        return ~found | _is_boundary(policy, template)

    return judge


def _is_boundary(policy: Resource, template: Template) -> Answer:
    """Whether it is the permissions boundary of an identity: such policies allow nothing by themselves, and the
    controls leave them out (AWS Security Hub User Guide: excludePermissionBoundaryPolicy)."""
    return some(
        attached(policy, identity, at(identity.properties, "PermissionsBoundary"), "ManagedPolicyName")
        for identity in template.of_type("AWS::IAM::Role", "AWS::IAM::User")
    )


def _inline(identity: Resource, template: Template) -> Iterator[tuple[Answer, Value]]:
    """The documents of its inline policies, and whether those that stand by themselves are its own."""
    name = _NAMES[identity.type]
    embedded = at(identity.properties, "Policies")
    for one in [embedded] if isinstance(embedded, Unknown) else as_list(embedded):
        yield YES, at(one, "PolicyDocument")
    for kind, path in _INLINE[identity.type].items():
        for policy in template.of_type(kind):
            is_own = attached(identity, policy, at(policy.properties, path), name)
            if is_own.truth is not False:
                yield is_own, at(policy.properties, "PolicyDocument")


def _inline_without(*predicates: Predicate) -> Judgement:
    def judge(identity: Resource, template: Template) -> Answer:
        found = some(is_own & some_statement(document, *predicates) for is_own, document in _inline(identity, template))
        return ~found

    return judge


def _user_without_policies(user: Resource, template: Template) -> Answer:
    own = given("Policies")(user.properties) | given("ManagedPolicyArns")(user.properties)
    of_others = some(
        attached(user, policy, at(policy.properties, path), "UserName")
        for kind, path in {**_INLINE["AWS::IAM::User"], "AWS::IAM::ManagedPolicy": "Users"}.items()
        for policy in template.of_type(kind)
    )
    return ~(own | of_others)


def _all_actions(statement: Value) -> Answer:
    return any_text(at(statement, "Action"), lambda text: text in {"*", "*:*"})


def _has_cloud_shell(properties: Value) -> Answer:
    return any_text(at(properties, "ManagedPolicyArns"), lambda text: text.endswith(":policy/AWSCloudShellFullAccess"))


RULES: list[Rule] = [
    judged("IAM.1", MANAGED_POLICY, _policy_without(_all_actions, on_everything)),
    judged("IAM.2", "IAM::User", _user_without_policies),
    judged("IAM.21", MANAGED_POLICY, _policy_without(_all_of_a_service)),
    rule("IAM.27", IDENTITIES, negated(_has_cloud_shell)),
    judged("KMS.1", MANAGED_POLICY, _policy_without(_DECRYPTION, _on_every_key)),
    judged("KMS.2", IDENTITIES, _inline_without(allowing, _DECRYPTION, _on_every_key)),
]
