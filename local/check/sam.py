"""SAM's transform: what AWS::Serverless resources become."""

import logging
from collections.abc import Mapping
from typing import Any

from local.errors import TemplateError

TRANSFORM = "AWS::Serverless-2016-10-31"
_CODE = {  # where code lies, which has no say in what is checked
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
    "AWS::Serverless::Application": (),
}
_ELSEWHERE = "s3://bucket/key"


def transform(content: Mapping[str, Any], parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """The template without resources of SAM's own types; raises TemplateError with what SAM says is wrong."""
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").addHandler(logging.NullHandler())  # what it has to say, its errors say
    try:
        translator = Translator({}, Parser(), boto_session=boto3.session.Session(region_name=region))
        return dict(translator.translate(_with_code_elsewhere(content), dict(parameters)))
    except InvalidDocumentException as error:
        said = "; ".join(cause.message for cause in error.causes)
        raise TemplateError(f"SAM's transform refuses it: {said}") from error
    except Exception as error:  # it raises any kind for what it doesn't foresee; the other files are still checked
        raise TemplateError(f"SAM's transform broke off: {type(error).__name__}: {error}") from error


def _with_code_elsewhere(content: Mapping[str, Any]) -> dict[str, Any]:
    resources = {}
    for name, resource in content["Resources"].items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict) and kind in _CODE:
            local = {key: _ELSEWHERE for key in _CODE[kind] if key in properties}
            if kind == "AWS::Serverless::Application" and isinstance(properties.get("Location"), dict):
                # SAM would ask the Serverless Application Repository for it, with the credentials of whoever checks.
                local["Location"] = _ELSEWHERE
            if kind == "AWS::Serverless::Function" and not {"InlineCode", "ImageUri", *local} & properties.keys():
                local["CodeUri"] = _ELSEWHERE
            resource = resource | {"Properties": properties | local}
        resources[name] = resource
    return dict(content) | {"Resources": resources}
