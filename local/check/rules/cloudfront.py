"""CloudFront distributions."""

from local.check.answer import Answer, of
from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    each,
    equal,
    given,
    judged,
    matching,
    negated,
    rule,
)
from local.check.rules.related import present, several
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, Value, at

DISTRIBUTION = "CloudFront::Distribution"
_CONFIG = "DistributionConfig"
_ORIGINS, _CERTIFICATE = f"{_CONFIG}.Origins", f"{_CONFIG}.ViewerCertificate"
_POLICIES = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")  # AWS Security Hub User Guide, CloudFront.15


def _every_behavior(predicate: Predicate) -> Predicate:
    return all_of(
        lambda properties: predicate(at(properties, f"{_CONFIG}.DefaultCacheBehavior")),
        each(f"{_CONFIG}.CacheBehaviors", predicate),
    )


_HAS_OWN_CERTIFICATE = any_of(given(f"{_CERTIFICATE}.AcmCertificateArn"), given(f"{_CERTIFICATE}.IamCertificateId"))
_REFUSES_HTTP = _every_behavior(negated(equal("ViewerProtocolPolicy", "allow-all")))
_POLICY = "CustomOriginConfig.OriginProtocolPolicy"


def _signs_requests_to_functions(distribution: Resource, template: Template) -> Answer:
    functions = {one.logical_id for one in template.of_type("AWS::Lambda::Url")}

    def is_function(origin: Value) -> Answer:
        domain = at(origin, "DomainName")
        if isinstance(domain, Reference):
            return of(domain.logical_id in functions)
        if isinstance(domain, Unknown) and domain.choices is None:
            return of(domain.source in functions)  # a part of its URL
        return matching("DomainName", r".+\.lambda-url\..+")(origin)

    return each(_ORIGINS, any_of(negated(is_function), given("OriginAccessControlId")))(distribution.properties)


RULES: list[Rule] = [
    rule(
        "CloudFront.1",
        DISTRIBUTION,
        given(f"{_CONFIG}.DefaultRootObject"),
        applies=any_item(_ORIGINS, present("S3OriginConfig")),
    ),
    rule("CloudFront.3", DISTRIBUTION, _REFUSES_HTTP),
    rule("CloudFront.4", DISTRIBUTION, any_item(f"{_CONFIG}.OriginGroups.Items", several("Members.Items"))),
    rule("CloudFront.6", DISTRIBUTION, given(f"{_CONFIG}.WebACLId")),
    rule(
        "CloudFront.8",
        DISTRIBUTION,
        negated(equal(f"{_CERTIFICATE}.SslSupportMethod", "vip", "static-ip")),
        applies=_HAS_OWN_CERTIFICATE,
    ),
    rule(
        "CloudFront.9",
        DISTRIBUTION,
        all_of(
            each(_ORIGINS, negated(equal(_POLICY, "http-only"))),
            any_of(each(_ORIGINS, negated(equal(_POLICY, "match-viewer"))), _REFUSES_HTTP),
        ),
    ),
    # SSLv3 is among what CloudFormation sets by default (schema of AWS::CloudFront::Distribution, OriginSSLProtocols).
    rule(
        "CloudFront.10",
        DISTRIBUTION,
        each(
            _ORIGINS,
            any_of(
                negated(present("CustomOriginConfig")),
                each("CustomOriginConfig.OriginSSLProtocols", negated(equal("", "SSLv3")), default=False),
            ),
        ),
    ),
    rule(
        "CloudFront.13",
        DISTRIBUTION,
        each(_ORIGINS, any_of(negated(present("S3OriginConfig")), given("OriginAccessControlId"))),
    ),
    rule(
        "CloudFront.15",
        DISTRIBUTION,
        equal(f"{_CERTIFICATE}.MinimumProtocolVersion", *_POLICIES),
        applies=all_of(_HAS_OWN_CERTIFICATE, negated(equal(f"{_CERTIFICATE}.SslSupportMethod", "vip", "static-ip"))),
    ),
    judged("CloudFront.16", DISTRIBUTION, _signs_requests_to_functions),
    # Distributions of several tenants are left out (AWS Security Hub User Guide, the note on CloudFront.17).
    rule(
        "CloudFront.17",
        DISTRIBUTION,
        _every_behavior(all_of(given("TrustedKeyGroups"), negated(given("TrustedSigners")))),
        applies=negated(equal(f"{_CONFIG}.ConnectionMode", "tenant-only")),
    ),
]
