"""Repositories of container images."""

from local.check.answer import Answer, some, undecided
from local.check.rule import Rule, all_of, any_item, any_of, equal, given, judged, negated, rule, true, unsettled
from local.check.rules.policy import any_text
from local.check.template import Resource, Template
from local.check.value import Value, at

REPOSITORY = "ECR::Repository"
_all_repositories = any_item("Rules", any_item("RepositoryFilters", equal("Filter", "*")))


def _by_key_of_aws(properties: Value) -> Answer:
    key = at(properties, "EncryptionConfiguration.KmsKey")
    return any_text(key, lambda text: text.endswith("alias/aws/ecr"))


def _is_scanned(repository: Resource, template: Template) -> Answer:
    """By itself, or as the registry is configured; what its filters leave out is undecided."""
    by_registry = [
        _all_repositories(one.properties) | (given("Rules")(one.properties) & undecided("the filters of the registry"))
        for one in template.of_type("AWS::ECR::RegistryScanningConfiguration")
    ]
    return true("ImageScanningConfiguration.ScanOnPush")(repository.properties) | some(by_registry)


RULES: list[Rule] = [
    judged("ECR.1", REPOSITORY, _is_scanned),
    rule(
        "ECR.2",
        REPOSITORY,
        any_of(
            equal("ImageTagMutability", "IMMUTABLE"),
            all_of(
                equal("ImageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
                unsettled("whether Security Hub accepts exclusions from immutability"),
            ),
        ),
    ),
    rule("ECR.3", REPOSITORY, given("LifecyclePolicy.LifecyclePolicyText")),
    rule(
        "ECR.5",
        REPOSITORY,
        all_of(
            equal("EncryptionConfiguration.EncryptionType", "KMS", "KMS_DSSE"),
            given("EncryptionConfiguration.KmsKey"),
            negated(_by_key_of_aws),
        ),
    ),
]
