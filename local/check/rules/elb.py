"""Load balancers of all kinds, their listeners and target groups."""

from local.check.answer import Answer, some
from local.check.parameter import number
from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    customizable,
    each,
    equal,
    judged,
    matching,
    negated,
    rule,
    true,
)
from local.check.rules.policy import of_each_choice
from local.check.rules.related import present, refers, several, some_other
from local.check.template import Resource, Template
from local.check.value import Reference, Value, at

CLASSIC, LOAD_BALANCER = "ElasticLoadBalancing::LoadBalancer", "ElasticLoadBalancingV2::LoadBalancer"
LISTENER, TARGET_GROUP = "ElasticLoadBalancingV2::Listener", "ElasticLoadBalancingV2::TargetGroup"
_IS_APPLICATION = equal("Type", "application", default=True)

# AWS Security Hub User Guide, "Security Hub controls for Elastic Load Balancing", ELB.8 and ELB.17.
_CLASSIC_POLICY = "ELBSecurityPolicy-TLS-1-2-2017-01"
_POLICIES = (
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
)


def _attribute(key: str, value: Predicate) -> Predicate:
    """Whether an attribute of a load balancer is given, and so."""
    return any_item("LoadBalancerAttributes", all_of(equal("Key", key), value))


def _in_zones(control: str, kind: str, *paths: str) -> Rule:
    return customizable(
        lambda least: rule(control, kind, any_of(*(several(path, least) for path in paths))),
        number("minAvailabilityZones", 2),
    )


# ---- listeners of application load balancers


_REDIRECTS = all_of(equal("Type", "redirect"), equal("RedirectConfig.Protocol", "HTTPS"))


def _redirects_to_https(balancer: Resource, template: Template) -> Answer:
    """Whether each of its HTTP listeners redirects, by its default action or by a rule."""
    return ~some_other(
        balancer,
        template,
        f"AWS::{LISTENER}",
        lambda one: (
            refers(at(one.properties, "LoadBalancerArn"), balancer)
            & equal("Protocol", "HTTP")(one.properties)
            & ~any_item("DefaultActions", _REDIRECTS)(one.properties)
            & ~_has_redirecting_rule(one, template)
        ),
    )


def _has_redirecting_rule(listener: Resource, template: Template) -> Answer:
    return some_other(
        listener,
        template,
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        lambda one: (
            refers(at(one.properties, "ListenerArn"), listener) & any_item("Actions", _REDIRECTS)(one.properties)
        ),
    )


def _has_web_acl(balancer: Resource, template: Template) -> Answer:
    return some_other(
        balancer,
        template,
        ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"),
        lambda one: refers(at(one.properties, "ResourceArn"), balancer),
    )


# ---- classic load balancers

_IS_ENCRYPTED = equal("Protocol", "HTTPS", "SSL")


def _has_certificate_of_acm(balancer: Resource, template: Template) -> Answer:
    def ask_certificate(certificate: Value) -> Answer:
        if isinstance(certificate, Reference):
            return some(refers(certificate, one) for one in template.of_type("AWS::CertificateManager::Certificate"))
        return matching("", "arn:[^:]+:acm:.+")(certificate)

    def is_of_acm(listener: Value) -> Answer:
        return of_each_choice(at(listener, "SSLCertificateId"), ask_certificate)

    return each("Listeners", any_of(negated(_IS_ENCRYPTED), is_of_acm))(balancer.properties)


def _uses_strong_policy(properties: Value) -> Answer:
    """Whether each encrypted listener has a policy that refers to the predefined one."""

    def is_strong(policy: Value) -> Answer:
        return any_item(
            "Policies",
            lambda one: (
                equal("PolicyName", policy)(one)
                & any_item(
                    "Attributes", all_of(equal("Name", "Reference-Security-Policy"), equal("Value", _CLASSIC_POLICY))
                )(one)
            ),
        )(properties)

    return each("Listeners", any_of(negated(_IS_ENCRYPTED), any_item("PolicyNames", is_strong)))(properties)


RULES: list[Rule] = [
    judged("ELB.1", LOAD_BALANCER, _redirects_to_https, applies=_IS_APPLICATION),
    judged("ELB.2", CLASSIC, _has_certificate_of_acm),
    rule("ELB.3", CLASSIC, each("Listeners", _IS_ENCRYPTED)),
    rule(
        "ELB.4",
        LOAD_BALANCER,
        _attribute("routing.http.drop_invalid_header_fields.enabled", true("Value")),
        applies=_IS_APPLICATION,
    ),
    rule(
        "ELB.5",
        (LOAD_BALANCER, CLASSIC),
        any_of(_attribute("access_logs.s3.enabled", true("Value")), true("AccessLoggingPolicy.Enabled")),
        applies=_IS_APPLICATION,
    ),
    rule("ELB.6", LOAD_BALANCER, _attribute("deletion_protection.enabled", true("Value"))),
    rule("ELB.8", CLASSIC, _uses_strong_policy),
    _in_zones("ELB.10", CLASSIC, "Subnets", "AvailabilityZones"),
    # The default is the defensive mode (User Guide for Application Load Balancers, "Desync mitigation mode").
    rule(
        "ELB.12",
        LOAD_BALANCER,
        negated(_attribute("routing.http.desync_mitigation_mode", equal("Value", "monitor"))),
        applies=_IS_APPLICATION,
    ),
    _in_zones("ELB.13", LOAD_BALANCER, "Subnets", "SubnetMappings"),
    judged("ELB.16", LOAD_BALANCER, _has_web_acl, applies=_IS_APPLICATION),
    rule("ELB.17", LISTENER, equal("SslPolicy", *_POLICIES), applies=equal("Protocol", "HTTPS", "TLS")),
    # Listeners of gateway load balancers have no protocol.
    rule("ELB.18", LISTENER, equal("Protocol", "HTTPS", "TLS"), applies=present("Protocol")),
    rule(
        "ELB.21",
        TARGET_GROUP,
        equal("HealthCheckProtocol", "HTTPS"),
        applies=negated(any_of(equal("TargetType", "lambda"), equal("Protocol", "GENEVE"))),
    ),
    rule(
        "ELB.22",
        TARGET_GROUP,
        equal("Protocol", "HTTPS", "TLS", "QUIC"),
        applies=negated(any_of(equal("TargetType", "lambda", "alb"), equal("Protocol", "GENEVE"))),
    ),
]
