"""APIs whose routes stand in an OpenAPI body: as SAM makes them, in parts unknown, or elsewhere."""

import pytest

from local.check.controls import controls
from local.check.decide import Predicted, predict
from local.check.result import subject
from tests.templates import template_of

AUTHORIZED = [control for control in controls() if control.id == "APIGateway.8"]
SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "https://example.com", audience: [orders]}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.handler
      Runtime: python3.13
      InlineCode: "handler = None"
      Events:
        Guarded: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /orders, Method: post}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /orders, Method: get, Auth: {Authorizer: NONE}}}
        Implicit: {Type: HttpApi, Properties: {Path: /status, Method: get}}
"""
BODY = """
Parameters: {Login: {Type: String}}
Conditions: {IsOpen: !Equals [!Ref Login, none]}
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {%s}
"""


def found_in(text: str) -> list[Predicted]:
    return predict([template_of(text)], AUTHORIZED)


def test_the_open_routes_of_sams_functions_are_named_with_their_api() -> None:
    told = sorted(subject(one) for one in found_in(SAM) if one.is_certain)
    assert told == ["Api: GET /orders", "ServerlessHttpApi: GET /status"]


@pytest.mark.parametrize(
    ("properties", "source", "parts"),
    [
        (
            "BodyS3Location: {Bucket: b, Key: k}",
            "the description of the API, which lies elsewhere",
            (),
        ),
        ("Body: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: x}}}", "a macro (Fn::Transform)", ()),
        (
            "Body: {paths: {/orders: {get: {security: !If [IsOpen, [], [{Iam: []}]]}}},"
            " components: {securitySchemes: {Iam: {x-amazon-apigateway-authtype: awsSigv4}}}}",
            "parameter Login",
            ("GET /orders",),
        ),
    ],
)
def test_what_nobody_can_read_of_a_description_is_undecided(
    properties: str, source: str, parts: tuple[str, ...]
) -> None:
    (one,) = found_in(BODY % properties)
    assert one.undecided == {source}
    assert one.parts == parts


def test_an_open_method_of_the_default_route_is_seen_before_a_guarded_one() -> None:
    (one,) = found_in(
        BODY % "Body: {paths: {$default: {get: {}, x-amazon-apigateway-any-method: {security: [{Iam: []}]}}},"
        " components: {securitySchemes: {Iam: {x-amazon-apigateway-authtype: awsSigv4}}}}"
    )
    assert (one.is_certain, one.parts) == (True, ("$default",))
