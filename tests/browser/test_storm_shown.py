"""A storm: more violations than are announced one by one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from local.panel.bench import Bench
from local.stack.stack import Stack
from tests.browser.situation import message_about


@pytest.fixture
def limited(bench: Bench) -> Iterator[None]:
    """A stack that announces five one by one, and afterwards has forgotten the storm, which would go on for minutes."""
    client, name = bench.stack.client("lambda"), bench.stack.outputs["AlertFunctionName"]
    usual = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": usual | {"BURST_LIMIT": "5"}})
    yield
    client.update_function_configuration(FunctionName=name, Environment={"Variables": usual})
    forget_everything(bench.stack)


def forget_everything(stack: Stack) -> None:
    client, table = stack.client("dynamodb"), stack.outputs["LedgerTableName"]
    (key,) = (each["AttributeName"] for each in client.describe_table(TableName=table)["Table"]["KeySchema"])
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            client.delete_item(TableName=table, Key={key: item[key]})


@pytest.mark.usefixtures("limited")
def test_a_storm_ends_in_one_message_that_counts_the_rest(bench: Bench, page: Page) -> None:
    before = len(bench.workspace.messages)
    page.get_by_label("Violations").fill("40")
    page.get_by_role("button", name="Send a storm").click()
    expect(page.locator(".toast")).to_contain_text("40 violations are in the queue.")
    burst = message_about(page, "counted here")
    expect(burst).to_be_visible()
    expect(burst).to_contain_text(re.compile(r"Burst\s+(\d\d) new violations counted here"))
    expect(burst).to_contain_text("They come too fast to be announced one by one.")
    expect(page.locator(".log")).to_contain_text("counted in a burst")
    expect(burst).to_have_count(1)
    assert len(bench.workspace.messages) - before <= 5 + 1
