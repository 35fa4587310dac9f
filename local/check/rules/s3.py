"""Buckets and access points."""

import re
from collections.abc import Sequence
from typing import Any

from local.check.answer import NO, Answer, of, some, undecided
from local.check.parameter import number, some_of, texts
from local.check.rule import (
    Judgement,
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    customizable,
    equal,
    given,
    judged,
    negated,
    rule,
    true,
    unsettled,
)
from local.check.rules.policy import (
    about,
    about_all_of,
    allowing,
    allowing_everyone,
    any_text,
    as_list,
    condition_tests,
    denying,
    denying_strangers,
    for_everyone,
    of_each_choice,
    restricted,
    some_policy,
    some_statement,
)
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, Value, at

BUCKET = "S3::Bucket"
_BLOCK = "PublicAccessBlockConfiguration"
_NOTIFICATIONS = "NotificationConfiguration"
_POLICIES = {"AWS::S3::BucketPolicy": "Bucket"}
_READING = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:ListBucket", "s3:ListBucketVersions")
_WRITING = (
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:RestoreObject",
    "s3:ReplicateObject",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucket",
)
# AWS Security Hub User Guide, S3.6: blacklistedactionpatterns
_DENIED_TO_OTHERS = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)
_ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::.*)?")

_blocks_policies = any_of(true(f"{_BLOCK}.RestrictPublicBuckets"), true(f"{_BLOCK}.BlockPublicPolicy"))
_blocks_acls = any_of(true(f"{_BLOCK}.IgnorePublicAcls"), true(f"{_BLOCK}.BlockPublicAcls"))
_blocks_all = all_of(
    true(f"{_BLOCK}.BlockPublicAcls"),
    true(f"{_BLOCK}.BlockPublicPolicy"),
    true(f"{_BLOCK}.IgnorePublicAcls"),
    true(f"{_BLOCK}.RestrictPublicBuckets"),
)


def _private(actions: tuple[str, ...], *acls: str) -> Judgement:
    """Neither policy nor access control list lets everyone do it, unless public access is blocked."""
    has_acl = equal("AccessControl", *acls)

    def is_open(document: Value) -> Answer:
        opened = some_statement(document, allowing_everyone, about(*actions))
        return opened & ~some_statement(document, denying_strangers)

    def judge(bucket: Resource, template: Template) -> Answer:
        by_policy = some_policy(bucket, template, "BucketName", _POLICIES, is_open) & ~_blocks_policies(
            bucket.properties
        )
        by_acl = has_acl(bucket.properties) & ~_blocks_acls(bucket.properties)
        return ~(by_policy | by_acl)

    return judge


def _requires_tls(bucket: Resource, template: Template) -> Answer:
    def refuses_http(document: Value) -> Answer:
        return some_statement(
            document, denying, for_everyone, about_all_of("s3"), _about_http, _about_bucket_and_objects
        )

    return some_policy(bucket, template, "BucketName", _POLICIES, refuses_http)


def _about_http(statement: Value) -> Answer:
    """Its condition is met by every request without TLS, and asks for nothing else."""

    def asks_for_http(condition: Any) -> Answer:
        tests = condition_tests(condition)
        if len(tests) != 1 or tests[0].operator not in {"bool", "boolifexists"}:
            return NO
        values = as_list(tests[0].values)
        return of(tests[0].key == "aws:securetransport" and all(str(one).lower() == "false" for one in values))

    return of_each_choice(at(statement, "Condition"), asks_for_http)


def _about_bucket_and_objects(statement: Value) -> Answer:
    resources = as_list(at(statement, "Resource"))
    unknown = [one for one in resources if isinstance(one, Unknown) and one.choices is None]
    if unknown:
        return undecided(*(one.source for one in unknown))
    bucket = any_text(resources, lambda text: not text.endswith("/*"))
    by_reference = some(of_each_choice(one, lambda known: of(isinstance(known, Reference))) for one in resources)
    return (bucket | by_reference) & any_text(resources, lambda text: text.endswith("*"))


def _closed_to_other_accounts(bucket: Resource, template: Template) -> Answer:
    def is_other(text: str) -> bool:
        found = _ACCOUNT.fullmatch(text)
        return found is not None and found[1] != template.account_id

    def for_others(statement: Value) -> Answer:
        others = any_text(at(statement, "Principal.AWS"), is_other)
        if template.account_id is None:
            others &= undecided("AWS::AccountId")
        return (for_everyone(statement) & ~restricted(statement)) | others

    def opens(document: Value) -> Answer:
        return some_statement(document, allowing, about(*_DENIED_TO_OTHERS), for_others)

    return ~some_policy(bucket, template, "BucketName", _POLICIES, opens)


def _goes_elsewhere(replication: Value) -> Answer:
    """A bucket of the same stack is in the same Region."""
    return of(not isinstance(at(replication, "Destination.Bucket"), Reference))


# ---- what is asked of events and of lifecycles


def _notifies(events: Sequence[str]) -> Predicate:
    """Whether a bucket tells of anything; of all these events, if there are any."""
    lists = [f"{_NOTIFICATIONS}.{kind}Configurations" for kind in ("Lambda", "Queue", "Topic")]
    by_bus = unsettled("whether Security Hub counts notifications of EventBridge")
    if not events:
        return any_of(*map(given, lists), all_of(given(_NOTIFICATIONS), by_bus))

    def tells(*names: str) -> Predicate:
        return any_of(*(any_item(path, equal("Event", *names)) for path in lists))

    def tells_of(event: str) -> Predicate:
        broader = f"{event.rpartition(':')[0]}:*"
        by_pattern = unsettled("whether Security Hub counts notifications of broader events")
        return any_of(tells(event), all_of(tells(broader), by_pattern))

    by_configuration = given(f"{_NOTIFICATIONS}.EventBridgeConfiguration")
    return any_of(all_of(*map(tells_of, events)), all_of(by_configuration, by_bus))


def _has_lifecycle(
    moved_after: float | None = None, expires_after: float | None = None, classes: Sequence[str] = ()
) -> Predicate:
    """Whether a rule is on; one that does all of that, if anything is asked for: days, and the storage classes."""
    moving = [] if moved_after is None else [equal("TransitionInDays", moved_after)]
    moving += [equal("StorageClass", *classes)] if classes else []
    does = [any_of(*(any_item(path, all_of(*moving)) for path in ("Transitions", "Transition")))] if moving else []
    does += [] if expires_after is None else [equal("ExpirationInDays", expires_after)]
    by_one = _has_rule(*does)
    if len(does) < 2:
        return by_one
    return any_of(by_one, all_of(*map(_has_rule, does), unsettled("whether Security Hub counts rules together")))


def _has_rule(*does: Predicate) -> Predicate:
    return any_item("LifecycleConfiguration.Rules", all_of(equal("Status", "Enabled"), *does))


def _is_locked(modes: Sequence[str]) -> Predicate:
    in_mode = [equal("ObjectLockConfiguration.Rule.DefaultRetention.Mode", *modes)] if modes else []
    return all_of(true("ObjectLockEnabled"), *in_mode)


_versioned = equal("VersioningConfiguration.Status", "Enabled")
_owner_enforced = any_item("OwnershipControls.Rules", equal("ObjectOwnership", "BucketOwnerEnforced"), default=True)
_without_acl: Predicate = any_of(
    all_of(equal("AccessControl", "Private", default=True), _owner_enforced),
    all_of(
        negated(equal("AccessControl", "PublicRead", "PublicReadWrite", "AuthenticatedRead")),
        unsettled("whether Security Hub counts grants to the owner and to AWS, and ACLs that nobody uses"),
    ),
)

RULES: list[Rule] = [
    # Since April 2023 a new bucket blocks public access unless told otherwise (Amazon S3 User Guide, "Blocking public
    # access to your Amazon S3 storage"); a configuration that is given sets what it leaves out to false.
    judged(
        "S3.2", BUCKET, _private(_READING, "PublicRead", "PublicReadWrite", "AuthenticatedRead"), applies=given(_BLOCK)
    ),
    judged("S3.3", BUCKET, _private(_WRITING, "PublicReadWrite"), applies=given(_BLOCK)),
    judged("S3.5", BUCKET, _requires_tls),
    judged("S3.6", BUCKET, _closed_to_other_accounts),
    rule(
        "S3.7",
        BUCKET,
        any_item("ReplicationConfiguration.Rules", all_of(equal("Status", "Enabled"), _goes_elsewhere)),
    ),
    rule("S3.8", BUCKET, _blocks_all, applies=given(_BLOCK)),
    rule("S3.9", BUCKET, given("LoggingConfiguration")),
    rule("S3.10", BUCKET, _has_lifecycle(), applies=_versioned),
    customizable(lambda events: rule("S3.11", BUCKET, _notifies(events)), texts("eventTypes")),
    # Since April 2023 a new bucket has no access control lists, either ("Controlling ownership of objects and disabling
    # ACLs for your bucket").
    rule("S3.12", BUCKET, _without_acl),
    customizable(
        lambda *asked: rule("S3.13", BUCKET, _has_lifecycle(*asked)),
        number("targetTransitionDays"),
        number("targetExpirationDays"),
        some_of(
            "targetTransitionStorageClass",
            *("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"),
            default=(),
        ),
    ),
    rule("S3.14", BUCKET, _versioned),
    customizable(
        lambda modes: rule("S3.15", BUCKET, _is_locked(modes)),
        some_of("mode", "GOVERNANCE", "COMPLIANCE", default=()),
    ),
    rule(
        "S3.17",
        BUCKET,
        any_item(
            "BucketEncryption.ServerSideEncryptionConfiguration",
            equal("ServerSideEncryptionByDefault.SSEAlgorithm", "aws:kms", "aws:kms:dsse"),
        ),
    ),
    # Access points block public access unless told otherwise ("Managing public access to access points", "Blocking
    # public access with Amazon S3 Multi-Region Access Points").
    rule("S3.19", "S3::AccessPoint", _blocks_all, applies=given(_BLOCK)),
    rule("S3.24", "S3::MultiRegionAccessPoint", _blocks_all, applies=given(_BLOCK)),
    customizable(
        lambda days: rule("S3.25", "S3Express::DirectoryBucket", _has_lifecycle(expires_after=days)),
        number("targetExpirationDays"),
    ),
]
