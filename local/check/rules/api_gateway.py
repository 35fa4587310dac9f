"""APIs: of REST (ApiGateway), of HTTP and WebSocket (ApiGatewayV2)."""

from local.check.answer import NO, Answer, some, undecided
from local.check.parameter import some_of
from local.check.rule import Judgement, Rule, any_of, customizable, each, equal, false, given, judged, rule, true
from local.check.rules.policy import any_text, of_each_choice
from local.check.template import Resource, Template
from local.check.value import Reference, Unknown, Value, at

STAGE = "ApiGateway::Stage"
STAGES = (STAGE, "ApiGatewayV2::Stage")
_ASSOCIATIONS = ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation")
# AWS Security Hub User Guide, "Security Hub controls for Amazon API Gateway", APIGateway.11; the default is not one.
_POLICIES = (
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
)


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


def _encrypts_private_calls(integration: Resource, template: Template) -> Answer:
    return _is_web_socket(integration, template) | given("TlsConfig")(integration.properties)


RULES: list[Rule] = [
    customizable(
        lambda levels: judged("APIGateway.1", STAGES, _logs_executions(*levels)),
        some_of("loggingLevel", "ERROR", "INFO"),
    ),
    rule("APIGateway.2", STAGE, given("ClientCertificateId")),
    rule("APIGateway.3", STAGE, true("TracingEnabled")),
    judged("APIGateway.4", STAGE, _has_web_acl),
    rule("APIGateway.5", STAGE, each("MethodSettings", any_of(false("CachingEnabled"), true("CacheDataEncrypted")))),
    customizable(
        lambda types: rule("APIGateway.8", "ApiGatewayV2::Route", equal("AuthorizationType", *types)),
        some_of("authorizationType", "AWS_IAM", "CUSTOM", "JWT"),
    ),
    rule("APIGateway.9", "ApiGatewayV2::Stage", given("AccessLogSettings")),
    judged(
        "APIGateway.10",
        "ApiGatewayV2::Integration",
        _encrypts_private_calls,
        applies=equal("ConnectionType", "VPC_LINK"),
    ),
    rule("APIGateway.11", "ApiGateway::DomainName", equal("SecurityPolicy", *_POLICIES)),
]
