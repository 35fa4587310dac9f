"""APIs: of REST (ApiGateway), of HTTP and WebSocket (ApiGatewayV2)."""

from dataclasses import replace

from local.check.answer import NO, Answer, some, undecided
from local.check.parameter import some_of
from local.check.rule import (
    Judgement,
    Predicate,
    Rule,
    all_of,
    any_of,
    customizable,
    each,
    equal,
    false,
    given,
    judged,
    matching,
    rule,
    true,
)
from local.check.rules.openapi import authorizes, encrypts_private_calls, in_every_route, made_quickly, routes_without
from local.check.rules.policy import any_text, of_each_choice
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at

STAGE = ("ApiGateway::Stage", "ApiGateway::Deployment")  # a deployment with a StageName makes one
STAGES = (*STAGE, "ApiGatewayV2::Stage")
API = "ApiGatewayV2::Api"
_ASSOCIATIONS = ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation")
# AWS Security Hub User Guide, "Security Hub controls for Amazon API Gateway", APIGateway.11; the default is not one.
_POLICIES = (
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
)


def _of_stage(control: str, types: tuple[str, ...], judge: Judgement) -> Rule:
    """A rule about stages, be they those of deployments."""

    def judge_stage(resource: Resource, template: Template) -> Answer:
        if resource.type != "AWS::ApiGateway::Deployment":
            return judge(resource, template)
        return ~_makes_stage(resource.properties) | judge(_described(resource), template)

    return judged(control, types, judge_stage)


def _makes_stage(deployment: Value) -> Answer:
    """Whether a deployment makes a stage: the one called "Stage" that SAM adds to its own is not told, for nothing in a
    SAM template would mend it but OpenApiVersion."""
    is_of_sam = all_of(equal("StageName", "Stage"), matching("Description", r"RestApi\sdeployment\sid:.+"))
    return given("StageName")(deployment) & ~is_of_sam(deployment)


def _described(deployment: Resource) -> Resource:
    """The stage that a deployment makes, as AWS::ApiGateway::Stage would have it."""
    described = at(deployment.properties, "StageDescription")
    names = ("ClientCertificateId", "TracingEnabled", "MethodSettings")
    properties = {name: at(described, name) for name in names}
    of_all = {name: at(described, name) for name in ("LoggingLevel", "CachingEnabled", "CacheDataEncrypted")}
    if any(value is not ABSENT for value in of_all.values()):
        listed = properties["MethodSettings"]
        properties["MethodSettings"] = [of_all, *(listed if isinstance(listed, list) else [])]
    properties |= {name: at(deployment.properties, name) for name in ("RestApiId", "StageName")}
    return replace(deployment, type="AWS::ApiGateway::Stage", properties=properties)


def _logs_executions(*levels: str) -> Judgement:
    def judge(stage: Resource, template: Template) -> Answer:
        if stage.type == "AWS::ApiGateway::Stage":
            return each("MethodSettings", equal("LoggingLevel", *levels), default=False)(stage.properties)
        logged = equal("DefaultRouteSettings.LoggingLevel", *levels)(stage.properties)
        return ~_is_web_socket(stage, template) | logged

    return judge


def _is_web_socket(part: Resource, template: Template) -> Answer:
    """Whether it belongs to a WebSocket API: those of HTTP have no execution logs, and TLS to what they call."""
    value = at(part.properties, "ApiId")
    api = template.by_id.get(value.logical_id) if isinstance(value, Reference) else None
    if api is None:
        return undecided(value.source if isinstance(value, Unknown) else "the protocol of its API")
    return equal("ProtocolType", "WEBSOCKET")(api.properties)


def _has_web_acl(stage: Resource, template: Template) -> Answer:
    return some(
        _is_for(at(association.properties, "ResourceArn"), stage) for association in template.of_type(*_ASSOCIATIONS)
    )


def _is_for(arn: Value, stage: Resource) -> Answer:
    """Whether an ARN ("arn:aws:apigateway:Region::/restapis/ID/stages/name") is of a stage."""
    if isinstance(arn, Unknown) and arn.choices is None:
        return undecided(arn.source)
    api = at(stage.properties, "RestApiId")
    of_api = f"/restapis/{f'${{{api.logical_id}' if isinstance(api, Reference) else ''}"

    def ends(*names: str) -> Answer:
        endings = tuple(f"/stages/{name}" for name in names)
        return any_text(arn, lambda text: text.endswith(endings) and of_api in text)

    name = at(stage.properties, "StageName")
    if isinstance(name, Unknown) and name.choices is None:
        # As Fn::Sub and Fn::Join leave it in a text.
        is_same = ends(f"${{{name.source}}}")
        is_named = is_same | (any_text(arn, lambda text: of_api in text) & undecided(name.source))
    else:
        is_named = of_each_choice(name, lambda known: ends(known) if isinstance(known, str) else NO)
    return ends(f"${{{stage.logical_id}}}") | is_named


def _authorizes(*types: str) -> Rule:
    question = authorizes(types)
    in_body, quick = in_every_route(question), made_quickly("Route", equal("AuthorizationType", *types))

    def judge(resource: Resource, template: Template) -> Answer:
        if resource.type == f"AWS::{API}":
            return in_body(resource, template) & quick(resource, template)
        return equal("AuthorizationType", *types)(resource.properties)

    return judged("APIGateway.8", ("ApiGatewayV2::Route", API), judge, parts=routes_without(question))


def _encrypts_private(resource: Resource, template: Template) -> Answer:
    if resource.type == f"AWS::{API}":
        return in_every_route(encrypts_private_calls)(resource, template)
    is_private = equal("ConnectionType", "VPC_LINK")(resource.properties)
    return ~is_private | _is_web_socket(resource, template) | given("TlsConfig")(resource.properties)


def _logs_access(resource: Resource, template: Template) -> Answer:
    if resource.type == f"AWS::{API}":
        return made_quickly("Stage", given("AccessLogSettings"))(resource, template)
    return given("AccessLogSettings")(resource.properties)


def _by_properties(predicate: Predicate) -> Judgement:
    return lambda stage, template: predicate(stage.properties)


RULES: list[Rule] = [
    customizable(
        lambda levels: _of_stage("APIGateway.1", STAGES, _logs_executions(*levels)),
        some_of("loggingLevel", "ERROR", "INFO"),
    ),
    _of_stage("APIGateway.2", STAGE, _by_properties(given("ClientCertificateId"))),
    _of_stage("APIGateway.3", STAGE, _by_properties(true("TracingEnabled"))),
    _of_stage("APIGateway.4", STAGE, _has_web_acl),
    _of_stage(
        "APIGateway.5",
        STAGE,
        _by_properties(each("MethodSettings", any_of(false("CachingEnabled"), true("CacheDataEncrypted")))),
    ),
    customizable(lambda types: _authorizes(*types), some_of("authorizationType", "AWS_IAM", "CUSTOM", "JWT")),
    judged("APIGateway.9", ("ApiGatewayV2::Stage", API), _logs_access),
    judged(
        "APIGateway.10",
        ("ApiGatewayV2::Integration", API),
        _encrypts_private,
        parts=routes_without(encrypts_private_calls),
    ),
    rule("APIGateway.11", "ApiGateway::DomainName", equal("SecurityPolicy", *_POLICIES)),
]
