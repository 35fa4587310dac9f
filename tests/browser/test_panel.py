"""The panel beside the channel: what would become of a finding, and what becomes of it."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.panel.bench import Bench
from tests.browser.conftest import OpenPage
from tests.browser.situation import announce, message_about, paste, step
from tests.findings import event, finding, new_bucket, opened, sample


def without(finding: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in finding.items() if key != name}


def test_a_sample_is_judged_shown_and_sent(bench: Bench, page: Page) -> None:
    expect(step(page, "Rule")).to_contain_text("OpenedRule matches")
    expect(step(page, "Settings")).to_contain_text("selected")
    expect(step(page, "Decision")).to_contain_text("announce · new violation")
    preview = page.locator(".preview-body")
    expect(preview).to_contain_text("S3 general purpose buckets should block public access")
    name = re.search(r"payments-receipts-export-prod-\w+", preview.inner_text())
    assert name
    page.get_by_role("button", name="Send it").click()
    expect(message_about(page, name[0])).to_be_visible()
    expect(step(page, "Decision")).to_contain_text("stay silent · already announced")
    expect(page.locator(".log li").first).to_contain_text(re.compile(r"^\d\d:\d\d:\d\d announced: new violation"))


def test_a_new_violation_is_another_at_every_press(page: Page) -> None:
    preview, button = page.locator(".preview-body"), page.get_by_role("button", name="Send it")
    first = re.search(r"payments-receipts-export-prod-\w+", preview.inner_text())
    assert first
    button.click()
    expect(message_about(page, first[0])).to_be_visible()
    button.click()
    expect(preview).not_to_contain_text(first[0])
    expect(step(page, "Decision")).to_contain_text("stay silent · already announced")
    second = re.search(r"payments-receipts-export-prod-\w+", preview.inner_text())
    assert second
    expect(message_about(page, second[0])).to_be_visible()


def test_a_repeat_is_silent_since_it_was_announced(bench: Bench, page: Page) -> None:
    bucket, _ = announce(bench, page)
    paste(page, opened(bucket))
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".log li").first).to_contain_text("silent: already announced")


@pytest.mark.parametrize("wrap", [event, lambda found: found, lambda found: [found]])
def test_whatever_one_has_of_a_finding_is_understood(page: Page, wrap: Any) -> None:
    bucket = new_bucket()
    paste(page, wrap(finding(bucket)))
    expect(page.locator(".reads-as")).to_contain_text(f"HIGH · S3.8 on {bucket}")
    expect(step(page, "Decision")).to_contain_text("announce")


def test_an_answer_of_get_findings_is_chosen_from_and_sent(bench: Bench, page: Page) -> None:
    first, second = new_bucket(), new_bucket()
    paste(page, {"Findings": [finding(first), finding(second)], "NextToken": "abc"})
    page.get_by_label("2 findings; show").select_option(label=f"2. S3.8 · {second}")
    expect(page.locator(".reads-as")).to_contain_text(second)
    page.get_by_role("button", name="Send all 2").click()
    expect(message_about(page, first)).to_be_visible()
    expect(message_about(page, second)).to_be_visible()


FINDING = finding()


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "What you pasted is empty."),
        ('{"a": 1,\n "b" 2}', "What you pasted is no JSON (Expecting ':' delimiter: line 2 column 6"),
        ('{"roses": "red"}', "is neither an EventBridge event (it has no detail-type) nor an ASFF finding"),
        ("[]", "What you pasted is an empty list."),
        (json.dumps([FINDING, 7]), "item 2 is neither"),
        ("NaN", "NaN is no number in JSON"),
        ("[" * 100_000, "is no JSON"),
        (json.dumps(without(FINDING, "Severity")), "Severity.Label is missing"),
        (json.dumps(FINDING | {"Resources": "all"}), "Resources is text, not a list"),
        (json.dumps(FINDING | {"UpdatedAt": "yesterday"}), "UpdatedAt is 'yesterday', not an ISO 8601 time"),
        ('{"detail-type": "Security Hub Findings - Imported"}', "detail is missing"),
        ('{"Id": "\\ud800", "ProductArn": "arn"}', "time is missing"),
    ],
)
def test_bad_input_is_told_what_is_wrong_and_where(page: Page, pasted: str, sentence: str) -> None:
    if not pasted:
        page.get_by_label("Begin with a sample").select_option("")
    else:
        paste(page, pasted)
    expect(page.locator(".problem, .steps").first).to_contain_text(sentence)


def test_an_answer_that_is_no_longer_asked_for_is_not_shown(page: Page) -> None:
    expect(page.locator(".preview")).to_be_visible()
    page.evaluate(
        """() => {
            const read = Response.prototype.json;
            Response.prototype.json = function () {  // the next body breaks off, once something else was asked
                Response.prototype.json = read;
                return new Promise((_, refuse) => setTimeout(refuse, 1500, new DOMException("", "AbortError")))
                    .finally(() => document.body.setAttribute("data-broken-off", ""));
            };
        }"""
    )
    with page.expect_response("**/inspect"):
        paste(page, "{")
    paste(page, sample("s3_bucket_public"))
    page.locator("[data-broken-off]").wait_for()
    expect(page.locator(".preview")).to_be_visible()
    expect(page.locator("#paste-problem")).to_be_empty()


def test_a_mistake_in_json_can_be_gone_to(page: Page) -> None:
    paste(page, '{\n  "a": 1,\n  "b" 2\n}')
    page.get_by_role("button", name="Go to line 3, column 7").click()
    editor = page.get_by_label("Event or finding, as JSON")
    expect(editor).to_be_focused()
    assert editor.evaluate("area => area.value[area.selectionStart]") == "2"


def test_settings_change_what_becomes_of_it_and_how_it_reads(page: Page) -> None:
    page.get_by_label("TargetControlIds").fill("IAM.*, EC2.*")
    expect(step(page, "Settings")).to_contain_text("not selected · control S3.8 is not in TargetControlIds")
    expect(page.locator(".preview")).to_contain_text("No message now")
    page.get_by_label("TargetControlIds").fill("s3.*")
    page.get_by_label("MinSeverity").select_option("CRITICAL")
    expect(step(page, "Settings")).to_contain_text("severity HIGH is below MinSeverity CRITICAL")
    page.get_by_label("MinSeverity").select_option("HIGH")
    page.get_by_label("MessageLanguage").select_option("ja")
    page.get_by_label("EnvironmentName").fill("検証環境")
    expect(page.locator(".preview-body")).to_contain_text("コントロール")
    expect(page.locator(".preview-body")).to_contain_text("検証環境")
    page.get_by_role("button", name="Back to those deployed").click()
    expect(page.locator(".preview-body")).to_contain_text("demo")


def test_a_pattern_that_matches_nothing_is_told(page: Page) -> None:
    page.get_by_label("TargetControlIds").fill("S3 1")
    problem = page.locator("#settings-problem")
    expect(problem).to_contain_text("'S3 1' can match no control.")
    expect(problem).to_contain_text("Write control IDs such as S3.1")
    expect(problem).not_to_contain_text("TARGET_CONTROL_IDS")
    bucket = new_bucket()
    paste(page, opened(bucket))
    expect(page.locator(".reads-as")).to_contain_text(bucket)
    expect(page.locator(".by-earlier-settings")).to_have_text("By the last settings that were right.")
    page.get_by_label("TargetControlIds").fill("S3.1")
    expect(step(page, "Settings")).to_contain_text("not selected")
    expect(page.locator(".by-earlier-settings")).to_have_count(0)


@pytest.mark.parametrize("number", ["100000", "-3", "2.5", ""])
def test_a_number_out_of_range_is_refused_and_not_cut(page: Page, number: str) -> None:
    page.get_by_label("Violations", exact=True).fill(number)
    expect(page.get_by_role("alert").filter(has_text="Give a whole number from 1 to 500.")).to_be_visible()
    expect(page.get_by_role("button", name="Send a storm")).to_be_disabled()
    page.get_by_label("Violations", exact=True).fill("1")
    expect(page.get_by_role("button", name="Send a storm")).to_be_enabled()


def test_a_custom_action_on_several_findings_matches_no_rule(page: Page) -> None:
    several = sample("custom_action")
    several["detail"]["findings"] *= 2
    paste(page, several)
    expect(page.locator(".steps li")).to_have_count(1)
    expect(step(page, "Rule")).to_contain_text("no rule matches, EventBridge drops it · its detail-type is")


def test_what_no_rule_matches_is_not_sent(bench: Bench, page: Page) -> None:
    before = len(bench.workspace.messages)
    page.get_by_label("Begin with a sample").select_option("guardduty_finding")
    expect(step(page, "Rule")).to_contain_text("no rule matches, EventBridge drops it")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".toast")).to_contain_text("Not sent")
    assert len(bench.workspace.messages) == before


def test_a_violation_is_led_through_its_life(bench: Bench, page: Page) -> None:
    bucket, message = announce(bench, page)
    paste(page, opened(bucket))
    page.get_by_role("button", name="Suppress").click()
    expect(message.first).to_contain_text("Suppressed")
    page.get_by_role("button", name="Reopen").click()
    expect(message).to_have_count(2)
    expect(message.last).to_contain_text("HIGH · Reopened")
    page.get_by_role("button", name="Archive").click()
    expect(message.last).to_contain_text("Archived")
    page.get_by_role("button", name="Reopen").click()
    expect(message).to_have_count(3)
    page.get_by_role("button", name="Resolve").click()
    expect(message.last).to_contain_text("Resolved")


@pytest.mark.parametrize(("failure", "told"), [("500", "failed"), ("429, wait 5 s", "held")])
def test_a_slack_in_trouble_is_waited_for(bench: Bench, page: Page, failure: str, told: str) -> None:
    bucket = new_bucket()
    paste(page, opened(bucket))
    page.get_by_label("Calls").first.fill("1")
    page.get_by_role("button", name=failure, exact=True).click()
    expect(page.locator(".toast")).to_contain_text("The next call fails.")
    page.get_by_role("button", name="Send it").click()
    # For the five seconds that Slack asks for, or that the function gives it by itself.
    held = page.locator(".gauges div").filter(has_text="held back")
    expect(held).to_contain_text("1")
    expect(page.locator(".log li").first).to_contain_text(re.compile(told + r":.*Next try at \d\d:\d\d:\d\d\."))
    expect(message_about(page, bucket)).to_be_visible()
    expect(held).to_contain_text("0")
    expect(message_about(page, bucket)).to_have_count(1)


def test_a_trouble_can_be_ended(bench: Bench, page: Page) -> None:
    page.get_by_role("button", name="500", exact=True).click()
    expect(page.locator(".gauges div").filter(has_text="Calls to fail")).to_contain_text("2")
    page.get_by_role("button", name="Heal").click()
    expect(page.locator(".gauges div").filter(has_text="Calls to fail")).to_contain_text("0")
    assert bench.workspace.faults_waiting == 0


def test_the_digest_is_run(bench: Bench, page: Page) -> None:
    before = len(bench.workspace.messages)
    page.get_by_role("button", name="Run the digest").click()
    expect(page.locator(".toast")).to_contain_text("The digest is out.")
    assert len(bench.workspace.messages) > before


def test_language_and_appearance_are_the_browsers_until_one_chooses(open_page: OpenPage) -> None:
    page = open_page(locale="ja-JP", scheme="dark")
    expect(page.get_by_role("heading", name="試す")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(step(page, "判定")).to_contain_text("通知する · 新しい違反です")
    page.get_by_label("言語").select_option("en")
    page.get_by_label("Appearance").select_option("light")
    page.reload()
    expect(page.get_by_role("heading", name="Try it")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_template_is_checked_before_it_is_deployed(page: Page) -> None:
    section = page.locator(".template-check")
    section.get_by_label("Template").fill(
        "Parameters: {Block: {Type: String}}\n"
        "Resources:\n"
        "  Receipts:\n"
        "    Type: AWS::S3::Bucket\n"
        "    Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}\n"
    )
    page.get_by_label("TargetControlIds").fill("S3.8")
    section.get_by_role("button", name="Check it").click()
    preview = section.locator(".preview")
    expect(preview).to_contain_text("Predicted: S3.8 on Receipts")
    expect(preview).to_contain_text("Predicted from template.yaml, line 3: nothing is deployed yet.")
    expect(preview).not_to_contain_text("Open the finding")
    expect(section).to_contain_text("Violations: 1 · accepted: 0 · undecided: 0")
    section.get_by_label("Template").fill("Resources:\n  A: }\n")
    section.get_by_role("button", name="Check it").click()
    expect(section.locator(".problem")).to_contain_text("Line 2 did not find expected")
    expect(section).not_to_contain_text("Violations: 0")
