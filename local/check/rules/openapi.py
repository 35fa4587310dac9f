"""HTTP APIs whose routes stand in an OpenAPI description, as SAM makes them.

Source: Amazon API Gateway Developer Guide, "OpenAPI extensions for API Gateway".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from local.check.answer import NO, YES, Answer, every, of, some, undecided
from local.check.rule import Judgement, Parts, Rule, equal, given
from local.check.rules.policy import as_list, of_each_choice
from local.check.rules.related import refers
from local.check.template import Resource, Template
from local.check.value import ABSENT, Unknown, Value, at

RULES: list[Rule] = []  # this module only helps the others

_ANY = "x-amazon-apigateway-any-method"
_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", _ANY}
_AUTHORIZERS = {"jwt": "JWT", "request": "CUSTOM"}
_INTEGRATIONS = "#/components/x-amazon-apigateway-integrations/"

_DESCRIPTION = "the description of the API"

# Whether an operation of a body ({"paths": …}) is as it has to be.
Question = Callable[[Value, Mapping[str, Value]], Answer]


def in_every_route(question: Question) -> Judgement:
    """Whether all operations in the body of an API are so; those of a body that lies elsewhere are undecided."""

    def judge(api: Resource, template: Template) -> Answer:
        if "BodyS3Location" in api.properties:
            return undecided("the description of the API, which lies elsewhere")
        return of_each_choice(at(api.properties, "Body"), ask_body)

    def ask_body(body: Value) -> Answer:
        if body is ABSENT:
            return YES
        if not isinstance(body, dict):
            return undecided(_DESCRIPTION)
        return of_each_choice(
            at(body, "paths"), lambda paths: every(answer for _, answer in _asked(paths, body, question))
        )

    return judge


def routes_without(question: Question) -> Parts:
    """The routes in the body of an API that are not so, or may not be, as "GET /orders"."""

    def parts(api: Resource, template: Template) -> Sequence[str]:
        body = at(api.properties, "Body")
        if not isinstance(body, dict):
            return ()
        answers = _asked(body.get("paths"), body, question)
        worst = {answer.truth for _, answer in answers} - {True}
        named = (name for name, answer in answers if answer.truth is (False if False in worst else None))
        return list(dict.fromkeys(named))

    return parts


def _asked(paths: Value, body: Mapping[str, Value], question: Question) -> list[tuple[str, Answer]]:
    """What a question says of each route, with its name, which several methods of $default share."""

    def ask_operation(operation: Value) -> Answer:
        if operation is ABSENT:
            return YES
        return question(operation, body) if isinstance(operation, dict) else undecided(_DESCRIPTION)

    return [(name, of_each_choice(one, ask_operation)) for name, one in _operations(paths)]


def _operations(paths: Value) -> Iterator[tuple[str, Value]]:
    for path, methods in paths.items() if isinstance(paths, dict) else ():
        if isinstance(methods, Unknown):
            yield path, methods if methods.choices is None else Unknown(source=methods.source)
        for method, operation in methods.items() if isinstance(methods, dict) else ():
            if method.lower() in _METHODS:
                verb = "ANY" if method == _ANY else method.upper()
                yield path if path == "$default" else f"{verb} {path}", operation


def authorizes(types: Sequence[str]) -> Question:
    """Whether a caller is authorized in one of the ways, as the property AuthorizationType of a route has them."""

    def question(operation: Value, body: Mapping[str, Value]) -> Answer:
        asked = operation.get("security", body.get("security", ABSENT))
        by_security = of_each_choice(asked, lambda known: some(ask_requirement(one, body) for one in as_list(known)))
        return of_each_choice(
            at(operation, "x-amazon-apigateway-auth"),
            lambda known: by_security if known is ABSENT else equal("type", *types)(known),
        )

    def ask_requirement(requirement: Value, body: Mapping[str, Value]) -> Answer:
        return of_each_choice(
            requirement,
            lambda known: some(ask_scheme(name, body) for name in known) if isinstance(known, dict) else NO,
        )

    def ask_scheme(name: str, body: Mapping[str, Value]) -> Answer:
        schemes = at(body, "components.securitySchemes")
        scheme = schemes.get(name, ABSENT) if isinstance(schemes, dict) else schemes
        kind = at(scheme, "x-amazon-apigateway-authorizer.type")
        is_signed = equal("x-amazon-apigateway-authtype", "awsSigv4")(scheme) & of("AWS_IAM" in types)
        return is_signed | of_each_choice(kind, lambda known: of(_AUTHORIZERS.get(str(known).lower()) in types))

    return question


def encrypts_private_calls(operation: Value, body: Mapping[str, Value]) -> Answer:
    """Whether TLS is used on the way to what is called over a private link."""

    def ask_integration(integration: Value) -> Answer:
        return ~equal("connectionType", "VPC_LINK")(integration) | given("tlsConfig")(integration)

    integration = at(operation, "x-amazon-apigateway-integration")
    name = at(integration, "$ref")
    if isinstance(name, str) and name.startswith(_INTEGRATIONS):
        named = at(body, "components.x-amazon-apigateway-integrations")
        integration = at(named, name.removeprefix(_INTEGRATIONS))
    return of_each_choice(integration, ask_integration)


def made_quickly(path: str, test: Callable[[Value], Answer]) -> Judgement:
    """Whether the route or the stage that API Gateway makes of an API's Target is so: nothing says so but its
    overrides (AWS::ApiGatewayV2::ApiGatewayManagedOverrides)."""

    def judge(api: Resource, template: Template) -> Answer:
        overridden = some(
            refers(at(one.properties, "ApiId"), api) & test(at(one.properties, path))
            for one in template.of_type("AWS::ApiGatewayV2::ApiGatewayManagedOverrides")
        )
        return ~given("Target")(api.properties) | overridden

    return judge
