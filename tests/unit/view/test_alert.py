"""What people see in Slack, and that Slack takes it, whatever AWS writes."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from string import Formatter
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.limits import UPDATED_TEXT_LENGTH, problems
from local.terminal import as_text
from shared.alert.entry import Closing, Entry
from shared.errors import MalformedEventError
from shared.finding.event import parse_event
from shared.finding.violation import Severity, State, Violation
from shared.view.alert import (
    Recurrence,
    closing_sentence,
    raised_sentence,
    render_alert,
    render_closed,
    render_rerated,
)
from shared.view.console import finding_url, resource_url
from shared.view.english import ENGLISH
from shared.view.japanese import JAPANESE
from shared.view.language import LANGUAGES
from shared.view.rich_text import escape
from shared.view.severity import EMOJI
from shared.view.wording import Wording
from tests.findings import resource, sample, sample_names, violation
from tests.unit.wild import examples, spoilt_events, texts, violations

CLOSED_STATES = [state for state in State if state.is_closed]
BACK = Recurrence(times=2, earlier_message_url="https://example.slack.com/archives/C0123456789/p1")
in_both_languages = pytest.mark.parametrize("wording", LANGUAGES.values(), ids=LANGUAGES)


def closed_entry(violation: Violation, state: State = State.PASSED, after: timedelta = timedelta(hours=3)) -> Entry:
    start = violation.episode_started_at
    closing = Closing(state=state, finding_id=violation.finding_id, at=start + after)
    return Entry(severity=Severity.HIGH, episode_started_at=start, closing=closing)


def every_payload(violation: Violation, wording: Wording) -> list[dict[str, Any]]:
    """All that may ever be said of a violation."""
    closed = [
        render_closed(violation, closed_entry(violation, state, timedelta(0)), wording, "production")
        for state in CLOSED_STATES
    ]
    return [render_alert(violation, wording), render_alert(violation, wording, "production", BACK), *closed]


def alert(violation: Violation, wording: Wording = ENGLISH, **options: Any) -> str:
    return as_text(render_alert(violation, wording, **options))


def obeyed_in(payload: dict[str, Any]) -> list[str]:
    """The characters that a terminal would obey, or that turn the direction of reading."""
    return re.findall(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", flat(payload)
    )


def flat(payload: Any) -> str:
    """All texts of a payload."""
    if isinstance(payload, dict | list):
        return "\n".join(map(flat, payload.values() if isinstance(payload, dict) else payload))
    return str(payload)


@in_both_languages
def test_a_severity_that_was_lowered_is_shown_with_the_one_it_was(wording: Wording) -> None:
    lowered = violation(**{"Severity.Label": "LOW"})
    assert wording.lowered_from.format(severity="HIGH") in alert(lowered, wording)
    assert wording.lowered not in alert(violation(), wording)


# ---- Slack takes it


@in_both_languages
@pytest.mark.parametrize("name", sample_names())
def test_slack_takes_the_message_of_every_event(name: str, wording: Wording) -> None:
    read = parse_event(sample(name))
    payloads = every_payload(read, wording) if read else []
    assert [problems(payload) for payload in payloads] == [[] for _ in payloads]


@examples(200)
@given(violations(), st.sampled_from(list(LANGUAGES)))
def test_slack_takes_the_message_of_the_wildest_violation(wild: Violation, language: str) -> None:
    for payload in every_payload(wild, LANGUAGES[language]):
        assert problems(payload) == []
        assert not obeyed_in(payload)
        assert is_one_safe_line(payload["text"])


@examples(300)
@given(spoilt_events())
def test_no_spoilt_event_reaches_slack_as_anything_but_plain_text(spoilt: object) -> None:
    try:
        read = parse_event(spoilt)
    except MalformedEventError:
        return
    for payload in every_payload(read, ENGLISH) if read else []:
        assert problems(payload) == []
        assert is_one_safe_line(payload["text"])


@pytest.mark.parametrize(
    "blank",
    [
        {"Title": " \n"},
        {"Title": "5.1.1 \u3000", "ProductFields.ControlId": "5.1.1"},
        {"GeneratorId": "/", "Compliance.SecurityControlId": ""},
        {"AwsAccountName": " "},
        {"ProductFields.aws/securityhub/annotation": " "},
        {"Resources": [resource(" ", Tags={"Name": "\n"})]},
    ],
)
def test_a_text_of_nothing_but_spaces_is_refused_or_shown(blank: dict[str, Any]) -> None:
    try:
        read = violation(**blank)
    except MalformedEventError:
        return  # told as what it is, rather than by Slack's invalid_blocks
    assert [problems(payload) for payload in every_payload(read, ENGLISH)] == [[]] * (2 + len(CLOSED_STATES))


@in_both_languages
def test_sixty_resources_are_three_and_a_number(wording: Wording) -> None:
    many = violation(Resources=[resource(f"arn:aws:s3:::bucket-{number}") for number in range(60)])
    shown = alert(many, wording)
    assert "bucket-2" in shown
    assert "bucket-3" not in shown
    assert wording.more_resources.format(count=57) in shown


def test_a_title_of_300_characters_is_shown_whole() -> None:
    title = "x" * 299 + "!"
    assert title in alert(violation(Title=title))


def test_texts_longer_than_any_of_aws_are_cut() -> None:
    long = violation(
        Title="t" * 20_000,
        Resources=[resource("i" * 20_000)],
        **{"ProductFields.aws/securityhub/annotation": "r" * 20_000},
    )
    for payload in every_payload(long, ENGLISH):
        assert problems(payload) == []
        assert len(payload["text"]) <= UPDATED_TEXT_LENGTH
    assert alert(long).count("…") == 3  # title, resource and reason


def test_the_text_of_a_message_that_is_updated_stays_within_slacks_limit_once_escaped() -> None:
    ampersands = violation(Title="&" * 256, Resources=[resource("&" * 512)], AwsAccountName="&" * 50)
    assert all(len(payload["text"]) <= UPDATED_TEXT_LENGTH for payload in every_payload(ampersands, ENGLISH))


# ---- hostile texts


def is_one_safe_line(text: str) -> bool:
    return not re.search(r"[<>\r\n\t]|&(?!amp;|lt;|gt;)", text)


@given(texts)
def test_escaped_text_reads_as_it_was(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@in_both_languages
def test_hostile_text_mentions_nobody_in_the_notification(wording: Wording) -> None:
    hostile = parse_event(sample("hostile_text"))
    assert hostile is not None
    for payload in every_payload(hostile, wording):
        assert is_one_safe_line(payload["text"])
        assert "&lt;!channel&gt;" in payload["text"]


def test_hostile_text_stands_in_blocks_as_text_alone() -> None:
    hostile = violation(Title="<!channel> :tada: *bold*")
    heading = render_alert(hostile, ENGLISH)["blocks"][0]["elements"][0]["elements"]
    assert heading[-1] == {"type": "text", "text": "<!channel> :tada: *bold*", "style": {"bold": True}}
    kinds = set(re.findall(r"'type': '(\w+)'", str(every_payload(hostile, ENGLISH))))
    assert kinds == {"rich_text", "rich_text_section", "text", "emoji", "link", "date", "context", "plain_text"}


def test_braces_of_a_text_are_not_filled_in() -> None:
    assert "{severity} {0}" in render_alert(violation(Title="{severity} {0}"), ENGLISH)["text"]


# ---- what an alert tells


@in_both_languages
@pytest.mark.parametrize("severity", list(Severity))
def test_an_alert_carries_its_severity_as_word_and_colour(severity: Severity, wording: Wording) -> None:
    payload = render_alert(violation(**{"Severity.Label": severity.name}), wording)
    assert payload["blocks"][0]["elements"][0]["elements"][0] == {"type": "emoji", "name": EMOJI[severity]}
    assert severity.name in as_text(payload).splitlines()[0]
    assert payload["text"].startswith(severity.name)


def test_each_severity_has_a_colour_of_its_own() -> None:
    assert len(set(EMOJI.values())) == len(Severity)


@in_both_languages
def test_what_a_reader_must_have_stands_where_slack_folds_nothing_away(wording: Wording) -> None:
    for payload in every_payload(violation(), wording):
        assert payload.keys() == {"text", "blocks"}  # no attachments
        shown = as_text(payload)
        for fact in ("HIGH", violation().title, "S3.8", "payroll", "payments (111122223333)", "eu-west-1"):
            assert fact in shown


def test_a_closed_message_is_quieter_than_the_one_it_was() -> None:
    announced, closed = (
        as_text(payload).splitlines()
        for payload in (
            render_alert(violation(), ENGLISH, "production"),
            render_closed(violation(), closed_entry(violation()), ENGLISH, "production"),
        )
    )
    assert len(closed) == 3 < len(announced)


def test_what_is_told_where_a_message_cannot_be_changed_is_whole() -> None:
    shown = render_alert(violation(), ENGLISH)
    payload = render_rerated(shown, raised_sentence(Severity.LOW, Severity.HIGH, ENGLISH))
    assert problems(payload) == []
    assert as_text(payload).endswith(as_text(shown))
    assert payload["text"].startswith(":red_circle: The severity is now *HIGH*; it was LOW. HIGH: payroll")


def test_a_notification_is_a_sentence() -> None:
    assert render_alert(violation(), ENGLISH)["text"] == (
        "HIGH: payroll in payments violates S3.8: S3 general purpose buckets should block public access"
    )
    assert render_alert(violation(), JAPANESE)["text"] == (
        "HIGH: payments の payroll が S3.8 に違反しています: S3 general purpose buckets should block public access"
    )


@in_both_languages
def test_an_alert_tells_what_where_why_and_since_when(wording: Wording) -> None:
    shown = alert(violation(), wording, environment_name="production")
    for fact in (
        f"{wording.control}  S3.8",
        f"{wording.resource}  payroll",
        "arn:aws:s3:::payroll",
        f"{wording.account}  payments (111122223333)",
        f"{wording.region}  eu-west-1",
        f"{wording.open_since}  2026-11-20 01:02 UTC",
        f"{wording.reason}  The bucket is public.",
        f"{wording.standards}: AWS Foundational Security Best Practices v1.0.0",
        f"{wording.environment}: production",
        f"{wording.how_to_fix} <https://docs.aws.amazon.com/console/securityhub/S3.8/remediation>",
        wording.open_finding,
        wording.open_resource,
    ):
        assert fact in shown


def test_what_is_not_known_is_not_mentioned() -> None:
    bare = replace(violation(), account_name=None, reason=None, standards=(), remediation_url=None)
    shown = alert(bare)
    assert "Account  111122223333" in shown
    for word in ("None", "Reason", "Standards", "Environment", "How to fix"):
        assert word not in shown


@in_both_languages
def test_what_is_only_foreseen_has_no_finding_to_open(wording: Wording) -> None:
    shown = alert(replace(violation(), finding_id=""), wording)
    assert wording.open_finding not in shown
    assert wording.how_to_fix in shown


@in_both_languages
def test_a_violation_that_is_back_says_so_and_links_its_earlier_message(wording: Wording) -> None:
    payload = render_alert(violation(), wording, "", BACK)
    assert f"HIGH · {wording.reopened}" in as_text(payload)
    assert wording.times.format(count=2) in as_text(payload)
    assert f"{wording.earlier_message} <{BACK.earlier_message_url}>" in as_text(payload)
    assert payload["text"] != render_alert(violation(), wording)["text"]


def test_a_violation_that_is_back_for_the_first_time_says_so() -> None:
    first = replace(BACK, times=1)
    assert "for the first time" in alert(violation(), recurrence=first)


# ---- links


@pytest.mark.parametrize(
    ("partition", "region", "finding_host", "resource_host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com", "console.aws.amazon.com"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn", "console.amazonaws.cn"),
    ],
)
def test_links_lead_to_the_console_of_the_partition(
    partition: str, region: str, finding_host: str, resource_host: str
) -> None:
    there = violation(
        ProductArn=f"arn:{partition}:securityhub:{region}::product/aws/securityhub",
        Region=region,
        Resources=[resource(f"arn:{partition}:s3:::payroll")],
    )
    assert urlsplit(finding_url(there)).netloc == finding_host
    assert f"region={region}#" in finding_url(there)
    assert resource_url(there) == f"https://{resource_host}/go/view?arn=arn%3A{partition}%3As3%3A%3A%3Apayroll"


def test_the_link_to_a_finding_searches_for_its_id() -> None:
    assert finding_url(violation(Id="arn:aws:x/y")) == (
        "https://eu-west-1.console.aws.amazon.com/securityhub/home?region=eu-west-1"
        "#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253Aarn%253Aaws%253Ax%252Fy"
    )


def test_a_resource_of_azure_is_linked_to_its_portal() -> None:
    azure = parse_event(sample("azure_storage_account"))
    assert azure is not None
    assert str(resource_url(azure)).startswith("https://portal.azure.com/#resource/subscriptions/b35c46ba")


def test_a_resource_whose_page_nobody_knows_has_no_link() -> None:
    account = violation(Resources=[resource("AWS::::Account:111122223333")])
    assert resource_url(account) is None
    assert "Open the resource" not in alert(account)


@given(texts.filter(str.strip), texts.filter(str.strip))
def test_no_id_leads_a_link_elsewhere(finding_id: str, resource_id: str) -> None:
    wild = violation(Id=finding_id, Resources=[resource(resource_id)])
    assert urlsplit(finding_url(wild)).hostname == "eu-west-1.console.aws.amazon.com"
    url = resource_url(wild)
    assert url is None or urlsplit(url).hostname in {"console.aws.amazon.com", "portal.azure.com"}


@pytest.mark.parametrize("region", ["evil.example/", "evil.example#", "a@evil.example:443/?", "eu west"])
def test_no_region_leads_a_link_elsewhere(region: str) -> None:
    try:
        host = urlsplit(finding_url(violation(Region=region))).netloc
    except MalformedEventError:
        return  # no Region of AWS
    assert re.fullmatch(r"([a-z0-9-]+\.)?console\.aws\.amazon\.com", host)


# ---- the end of a violation


@in_both_languages
@pytest.mark.parametrize("state", CLOSED_STATES)
def test_a_closed_message_says_how_it_ended_and_after_how_long(state: State, wording: Wording) -> None:
    passed = violation(**{"Severity.Label": "INFORMATIONAL"})
    entry = closed_entry(passed, state, timedelta(days=2, hours=3, minutes=4))
    payload = render_closed(passed, entry, wording, "production")
    shown = as_text(payload)
    assert f"{wording.closed_words[state]} · HIGH" in shown.splitlines()[0]
    assert wording.closed_reasons[state] in shown
    assert "2026-11-22 04:06 UTC" in shown
    assert wording.duration(timedelta(days=2, hours=3)) in shown
    assert payload["text"].startswith(wording.closed_words[state])


@in_both_languages
def test_a_closed_message_says_what_the_note_says(wording: Wording) -> None:
    suppressed = violation(**{"Workflow.Status": "SUPPRESSED", "Note": {"Text": "Accepted *until* 2027"}})
    closed = as_text(render_closed(suppressed, closed_entry(suppressed, State.SUPPRESSED), wording))
    assert f"{wording.note}  Accepted *until* 2027" in closed
    assert violation(Note={"Text": "to be fixed"}).note is None  # nobody closed it


def test_a_closed_message_is_struck_through() -> None:
    heading = render_closed(violation(), closed_entry(violation()), ENGLISH)["blocks"][0]["elements"][0]["elements"]
    assert heading[-1]["style"] == {"bold": True, "strike": True}


def test_the_reply_below_a_closed_message_is_one_sentence() -> None:
    entry = closed_entry(violation(), State.PASSED, timedelta(hours=3))
    english, japanese = (closing_sentence(violation(), entry, wording) for wording in (ENGLISH, JAPANESE))
    assert english == ":white_check_mark: *Resolved* after 3 hours. The check passes again."
    assert japanese == ":white_check_mark: *解消*（違反開始から 3 時間）チェックに合格しました。"


@pytest.mark.parametrize(
    ("state", "label"), [(State.PASSED, "解消日時"), (State.SUPPRESSED, "対応日時"), (State.RESOLVED, "対応日時")]
)
def test_where_the_check_still_fails_japanese_speaks_of_no_solution(state: State, label: str) -> None:
    shown = as_text(render_closed(violation(), closed_entry(violation(), state), JAPANESE))
    assert f"違反開始日時 2026-11-20 01:02 UTC  {label} 2026-11-20 04:02 UTC  （3 時間）" in shown
    assert ("解消" in shown) is (state is State.PASSED)


def test_an_account_is_called_so_in_the_readers_language() -> None:
    account = violation(**{"Resources": [{"Type": "AwsAccount", "Id": "AWS::::Account:111122223333"}]})
    payloads = every_payload(account, JAPANESE)
    assert all("アカウント 111122223333" in flat(payload) for payload in payloads)
    assert not any("Account 1" in flat(payload) for payload in payloads)
    assert "Account 111122223333" in alert(account)


def test_a_close_reported_with_an_earlier_time_took_no_time() -> None:
    entry = closed_entry(violation(), after=-timedelta(hours=1))
    assert "less than a minute" in closing_sentence(violation(), entry, ENGLISH)


@pytest.mark.parametrize(
    ("duration", "english", "japanese"),
    [
        (timedelta(seconds=59), "less than a minute", "1 分未満"),
        (timedelta(minutes=1), "1 minute", "1 分"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes", "1 時間 30 分"),
        (timedelta(days=2, minutes=5), "2 days 5 minutes", "2 日 5 分"),
        (timedelta(days=1, hours=2, minutes=3), "1 day 2 hours", "1 日 2 時間"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(duration: timedelta, english: str, japanese: str) -> None:
    assert (ENGLISH.duration(duration), JAPANESE.duration(duration)) == (english, japanese)


# ---- the two languages


def sentences(wording: Wording) -> dict[str, str]:
    """Every text of a language, by the path that leads to it."""
    found: dict[str, str] = {}
    for field in fields(wording):
        value = getattr(wording, field.name)
        if isinstance(value, str):
            found[field.name] = value
        elif isinstance(value, tuple):
            found |= {f"{field.name}[{position}]": text for position, text in enumerate(value)}
        elif isinstance(value, dict):
            found |= {f"{field.name}[{key}]": text for key, text in value.items()}
    return found


@in_both_languages
def test_no_sentence_is_missing(wording: Wording) -> None:
    said = sentences(wording)
    assert all(text.strip() for text in said.values())
    assert set(wording.closed_words) == set(wording.closed_reasons) == set(CLOSED_STATES)
    assert said.keys() == sentences(ENGLISH).keys()


def test_both_languages_fill_in_the_same_names() -> None:
    english, japanese = ({path: names(text) for path, text in sentences(one).items()} for one in (ENGLISH, JAPANESE))
    assert english == japanese


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_japanese_sentence_is_japanese() -> None:
    is_japanese = re.compile(r"[\u3001-\u30ff\u4e00-\u9fff\uff08\uff09]")
    left = {path for path, text in sentences(JAPANESE).items() if not is_japanese.search(text)}
    assert left == {"accepted_filename", "burst_filename", "digest_filename", "resolved_filename"}
