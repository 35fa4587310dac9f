"""Looks a deployed stack up by its name: the running demo's, or one in AWS."""

import json
from dataclasses import replace
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError, ProfileNotFound

from local.stack.aws import TEMPLATE, LocalAws
from local.stack.running import STACK_NAME, running_demo, why_no_demo
from local.stack.stack import Client, Stack, StackError
from local.template_file import read_source

RULE = "AWS::Events::Rule"
CHECK_ACCESS = "Check your AWS credentials, their Region, and what they may do."
NOT_SET_UP = (NoCredentialsError, NoRegionError, ProfileNotFound)


def find_stack(name: str) -> Stack:
    """The stack a running demo deployed under this name, or else the one in the AWS account of your credentials."""
    demo = running_demo()
    if demo and demo.stack == name:
        return replace(describe_stack(name, demo.aws.client), demo_page=demo.page)
    try:
        session: Any = boto3.session.Session()
        if session.get_credentials() is None:
            raise NoCredentialsError
        return describe_stack(name, session.client)
    except (BotoCoreError, StackError) as error:
        if demo is None and (name == STACK_NAME or isinstance(error.__cause__ or error, NOT_SET_UP)):
            raise StackError(_no_demo(name, error.__cause__ or error)) from error
        problem = str(error) if isinstance(error, StackError) else _not_found(name, error)
        raise StackError(
            f"{problem}\n  The stack of the demo that runs here is {demo.stack}." if demo else problem
        ) from error


def describe_stack(name: str, client: Client) -> Stack:
    """Look a deployed stack up: its outputs, and the patterns of its rules."""
    try:
        stacks = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        resources = client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
        return Stack(name=name, client=client, outputs=outputs, rules=_rules(client, resources))
    except (ClientError, BotoCoreError) as error:
        raise StackError(_not_found(name, error)) from error


def _not_found(name: str, error: BaseException) -> str:
    return f"the stack {name} can't be looked up ({error}); check its name, your AWS credentials and Region"


def _no_demo(name: str, error: BaseException) -> str:
    return (
        f"the stack {name} can't be looked up: {why_no_demo(name)}\n"
        f"  For a stack in AWS set credentials and Region (aws configure, or AWS_PROFILE and AWS_REGION): {error}"
    )


def rules_alone(aws: LocalAws) -> Stack:
    """The template's rules, not deployed, for a local AWS to judge events by; there is nothing else in this stack."""
    resources = read_source(TEMPLATE, TEMPLATE.name).content["Resources"]
    rules = {
        logical_id: json.dumps(resource["Properties"]["EventPattern"])
        for logical_id, resource in resources.items()
        if resource["Type"] == RULE
    }
    return Stack(name=TEMPLATE.name, client=aws.client, outputs={}, rules=rules)


def _rules(client: Client, resources: list[dict[str, Any]]) -> dict[str, str]:
    rules = [resource for resource in resources if resource["ResourceType"] == RULE]
    return {
        rule["LogicalResourceId"]: client("events").describe_rule(Name=rule["PhysicalResourceId"])["EventPattern"]
        for rule in rules
    }
