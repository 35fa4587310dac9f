"""What people read in a digest's message, and that Slack takes it, whatever the digest found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.limits import problems
from local.terminal import as_text, block_text
from shared.digest.fate import Caveat, Fate
from shared.digest.hidden import HiddenCount, Hiding
from shared.digest.placement import Exemption
from shared.digest.summary import (
    AcceptedCount,
    AccountCount,
    ArchiveProblem,
    Comparison,
    ControlCount,
    LongOpen,
    Shortfall,
    Summary,
    TrendPoint,
    UnknownOwner,
)
from shared.errors import ArchiveFault
from shared.finding.violation import Severity
from shared.view.digest import render_digest
from shared.view.english import ENGLISH
from shared.view.japanese import JAPANESE
from shared.view.language import LANGUAGES
from shared.view.rich_text import MAX_NOTIFICATION_CHARACTERS
from shared.view.wording import Wording
from tests.book import code_blocks, page
from tests.unit.wild import examples, texts

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TODAY = "2026-11-23"
YESTERDAY = NOW - timedelta(days=1)
CHANGED = Comparison(since=YESTERDAY, new=12, reopened=3, resolved=1034)
LEFT = {Fate.PASSED: 29, Fate.ARCHIVED: 4, Fate.SUPPRESSED: 1, Fate.UNDECIDED: 2}
UNCHANGED = Comparison(since=YESTERDAY, new=0, reopened=0, resolved=0)
in_both_languages = pytest.mark.parametrize("wording", LANGUAGES.values(), ids=LANGUAGES)


def trend(*totals: int, step: timedelta = timedelta(days=1)) -> tuple[TrendPoint, ...]:
    """Digests that found these, the last of them now."""
    ago = range(len(totals) - 1, -1, -1)
    return tuple(
        TrendPoint(scheduled_time=NOW - back * step, total=total) for back, total in zip(ago, totals, strict=True)
    )


def control(number: int, **fields: Any) -> ControlCount:
    known = {
        "control_id": f"S3.{number}",
        "title": f"Title {number}",
        "severity": Severity.HIGH,
        "count": 1000 - number,
    }
    return ControlCount(**(known | fields))


def long_open(**fields: Any) -> LongOpen:
    known = {
        "control_id": "S3.8",
        "title": "Buckets should block public access",
        "severity": Severity.HIGH,
        "resource_name": "payroll",
        "account": "payments",
        "since": NOW - timedelta(days=412, hours=5),
    }
    return LongOpen(**(known | fields))


def accounts(count: int) -> dict[str, Any]:
    listed = tuple(
        AccountCount(account_id=f"{number:012}", account_name=f"team-{number}", count=1000 - number)
        for number in range(count)
    )
    return {"accounts": listed, "account_count": count}


def incomplete(problem: str | None = "TooManyRequestsException", controls: tuple[str, ...] = ()) -> Shortfall:
    return Shortfall(problem=problem, findings_read=1200, queries=3, unfinished=2 if controls else 1, controls=controls)


def summary(counts: dict[Severity, int] | None = None, **fields: Any) -> Summary:
    """An ordinary day's."""
    known = {"counts": {Severity.LOW: 1234, Severity.CRITICAL: 2} if counts is None else counts, "comparison": CHANGED}
    return Summary(scheduled_time=NOW, **(known | fields))


def shown(digest: Summary, wording: Wording = ENGLISH, name: str = "prod", **options: Any) -> str:
    return as_text(render_digest(digest, wording, name, TODAY, **options))


# ---- at a glance


def test_a_digest_says_where_when_and_how_much_the_worst_first() -> None:
    first, second, *_ = shown(summary()).splitlines()
    assert first == "🟣 prod: 1,236 open violations on 2026-11-23"
    assert second == "🟣 CRITICAL 2   🔵 LOW 1,234"


def test_one_violation_is_no_plural() -> None:
    assert shown(summary({Severity.HIGH: 1})).startswith("🔴 prod: 1 open violation on 2026-11-23\n")


def test_a_severity_of_which_nothing_is_open_is_not_mentioned() -> None:
    assert shown(summary({Severity.HIGH: 1, Severity.CRITICAL: 0})).splitlines()[:2] == [
        "🔴 prod: 1 open violation on 2026-11-23",
        "🔴 HIGH 1",
    ]


def test_the_notification_is_a_sentence_with_what_matters() -> None:
    counts = {Severity.HIGH: 2, Severity.CRITICAL: 1}
    english, japanese = (
        render_digest(summary(counts), wording, "prod", TODAY)["text"] for wording in (ENGLISH, JAPANESE)
    )
    assert english == (
        "prod: 3 open violations on 2026-11-23 (CRITICAL 1, HIGH 2). "
        "Since the last digest: 12 new, 3 reopened, 1,034 resolved."
    )
    assert japanese == (
        "prod: 未解決の違反は 3 件です（2026-11-23）。内訳: CRITICAL 1, HIGH 2。 "
        "前回の一覧から: 新規 12 件, 再発 3 件, 解消 1,034 件。"
    )


# ---- what has changed


def test_a_digest_tells_what_has_changed_since_the_last_one() -> None:
    line = "Since the last digest  12 new · 3 reopened · 1,034 resolved  (2026-11-22 00:00 UTC)"
    assert line in shown(summary()).splitlines()


def test_of_changes_only_those_that_happened_are_told() -> None:
    some = replace(CHANGED, new=0, reopened=0)
    assert "Since the last digest  1,034 resolved  (" in shown(summary(comparison=some))
    assert "Since the last digest  nothing new, nothing resolved  (" in shown(summary(comparison=UNCHANGED))


def test_each_way_off_the_list_has_a_name_of_its_own() -> None:
    left = {fate: 10 + number for number, fate in enumerate(Fate)}
    digest = summary(comparison=replace(UNCHANGED, new=1, resolved=46, left=left))
    ends = "10 passed · 11 archived · 12 suppressed · 13 resolved by hand"
    others = (
        "14 now rated below MinSeverity · 15 could not be checked · 16 out of sight (account or Region) · "
        "17 could not be looked up"
    )
    assert f"Since the last digest  1 new · {ends}  (" in shown(digest)
    assert f"No longer listed, but not over  {others}" in shown(digest).splitlines()
    text = render_digest(digest, ENGLISH, "prod", TODAY)["text"]
    assert ends.replace(" ·", ",") in text
    assert f"No longer listed, but not over: {others.replace(' ·', ',')}." in text


@in_both_languages
def test_where_nothing_could_be_looked_up_nothing_is_said_to_have_ended(wording: Wording) -> None:
    digest = shown(summary(comparison=replace(UNCHANGED, left={Fate.UNVERIFIED: 3})), wording)
    assert wording.digest_resolved_unknown in digest
    assert wording.digest_unchanged not in digest
    assert wording.fate_counts[Fate.UNVERIFIED].format(count=3) in digest


@in_both_languages
def test_every_way_off_the_list_has_words(wording: Wording) -> None:
    assert set(wording.fate_counts) == set(Fate)
    assert set(wording.fate_words) == {fate for fate in Fate if fate.is_end}
    assert set(wording.digest_caveats) == set(Caveat)
    assert set(wording.digest_hidden) == set(Hiding)


# ---- what fails and is hidden


def hidden(suppressed: HiddenCount, lowered: HiddenCount) -> Summary:
    return summary(hidden={Hiding.SUPPRESSED: suppressed, Hiding.LOWERED: lowered})


def test_what_is_hidden_is_a_line_each_and_in_the_notification() -> None:
    digest = hidden(HiddenCount(count=1234, since=2), HiddenCount(count=3, since=0))
    lines = shown(digest).splitlines()
    since = lines.index("Since the last digest  12 new · 3 reopened · 1,034 resolved  (2026-11-22 00:00 UTC)")
    assert lines[since + 1 : since + 3] == [
        "Failing, but suppressed or resolved by hand  1,234 (2 since the last count)",
        "Severity lowered by hand or by a rule  3 (0 since the last count)",
    ]
    assert render_digest(digest, ENGLISH, "prod", TODAY)["text"].endswith(
        "Failing, but suppressed or resolved by hand: 1,234 (2 since the last count). "
        "Severity lowered by hand or by a rule: 3 (0 since the last count)."
    )


@in_both_languages
def test_of_what_is_hidden_nothing_is_told_that_is_not_known(wording: Wording) -> None:
    many = HiddenCount(count=30_000, is_more=True)
    lines = shown(hidden(HiddenCount(count=None), many), wording).splitlines()
    suppressed, lowered = (wording.digest_hidden[hiding] for hiding in Hiding)
    assert f"{suppressed}  {wording.digest_hidden_unknown}" in lines
    assert f"{lowered}  {wording.digest_hidden_more.format(count='30,000')}" in lines
    first = shown(hidden(HiddenCount(count=2), HiddenCount(count=0)), wording)
    assert f"{suppressed}  {wording.digest_hidden_count.format(count=2)}" in first.splitlines()
    assert lowered not in first


@in_both_languages
def test_how_many_were_resolved_is_not_made_up(wording: Wording) -> None:
    unknown = shown(summary(comparison=replace(UNCHANGED, resolved=None)), wording)
    assert wording.digest_resolved_unknown in unknown
    assert wording.digest_unchanged not in unknown


@in_both_languages
@pytest.mark.parametrize("counts", [{}, {Severity.LOW: 1}])
def test_the_first_digest_has_a_sentence_instead_of_a_comparison(counts: dict[Severity, int], wording: Wording) -> None:
    first = shown(summary(counts, comparison=None, trend=trend(sum(counts.values()))), wording)
    assert wording.digest_first in first
    assert wording.digest_since not in first


@in_both_languages
def test_an_archive_that_cannot_be_read_is_told_with_what_is_wrong(wording: Wording) -> None:
    broken = ArchiveProblem(fault=ArchiveFault.BROKEN, subject="digests/2026/11/22/0000Z/summary.json <!channel>")
    problem = wording.archive_faults[ArchiveFault.BROKEN].format(subject=broken.subject)
    compared = shown(summary(archive_problems=(broken,)), wording)
    not_compared = shown(summary(comparison=None, archive_problems=(broken,)), wording)
    assert f"⚠️ {problem}" in compared
    assert f"⚠️ {wording.digest_not_compared} {problem}" in not_compared
    assert wording.digest_first not in not_compared


def test_of_many_problems_of_the_archive_a_few_are_told() -> None:
    missing = [ArchiveProblem(fault=ArchiveFault.MISSING, subject=f"file-{number}") for number in range(1, 31)]
    many = shown(summary(archive_problems=tuple(missing)))
    assert " ".join(f"file-{number} is missing in the archive." for number in (1, 2, 3)) + " and 27 more" in many
    assert "file-4" not in many


# ---- nothing open


@in_both_languages
def test_a_digest_of_nothing_says_that_it_looked(wording: Wording) -> None:
    nothing = shown(summary({}), wording)
    assert nothing.splitlines()[0] == f"✅ {wording.digest_all_well.format(environment='prod', date=TODAY)}"
    assert wording.digest_resolved.format(count="1,034") in nothing


@in_both_languages
@pytest.mark.parametrize(
    ("caveats", "mark", "told"),
    [
        ((Caveat.SUPPRESSED,), "✅", [Caveat.SUPPRESSED]),
        ((Caveat.UNDECIDED, Caveat.SUPPRESSED), "✅", [Caveat.SUPPRESSED, Caveat.UNDECIDED]),
        ((Caveat.LOWERED,), "✅", [Caveat.LOWERED]),
        ((Caveat.UNKNOWN,), "⚠️", [Caveat.UNKNOWN]),
        ((Caveat.UNKNOWN, Caveat.UNDECIDED), "⚠️", [Caveat.UNDECIDED]),
    ],
)
def test_a_digest_of_nothing_does_not_claim_more_than_that(
    caveats: tuple[Caveat, ...], mark: str, told: list[Caveat], wording: Wording
) -> None:
    heading, second, *_ = shown(summary({}, caveats=caveats), wording).splitlines()
    assert heading == f"{mark} {wording.digest_empty.format(environment='prod', date=TODAY)}"
    assert second == " ".join(wording.digest_caveats[caveat] for caveat in told)


@in_both_languages
def test_a_digest_of_nothing_tells_for_how_long_there_has_been_nothing(wording: Wording) -> None:
    nothing = summary({}, comparison=UNCHANGED, trend=trend(4, 0, 2, 0, 0, 0))
    assert wording.digest_calm.format(count=3, first="2026-11-21") in shown(nothing, wording)


@pytest.mark.parametrize(
    "other",
    [
        summary({}, trend=trend(2, 0)),  # the first of them
        summary({}, trend=trend(0, 0), unreadable=1),
        summary({}, trend=trend(0, 0), incomplete=incomplete()),
        summary({Severity.LOW: 1}, trend=trend(0, 0)),
    ],
)
def test_no_digest_claims_a_calm_that_it_does_not_know_of(other: Summary) -> None:
    assert "Nothing was open" not in shown(other)


# ---- what is missing


@in_both_languages
@pytest.mark.parametrize("counts", [{}, {Severity.HIGH: 1}])
def test_a_digest_tells_what_it_could_not_read(counts: dict[Severity, int], wording: Wording) -> None:
    digest = summary(counts, unreadable=3)
    sentence = wording.digest_unreadable.format(count=3)
    assert f"⚠️ {sentence}" in shown(digest, wording)
    assert sentence in render_digest(digest, wording, "prod", TODAY)["text"]


def test_an_incomplete_digest_says_so_first_and_claims_nothing_about_the_rest() -> None:
    digest = summary(incomplete=incomplete(), comparison=None)
    assert shown(digest).splitlines()[:3] == [
        "🟣 prod: open violations on 2026-11-23, as far as they could be read: 1,236",
        "⚠️ This list is incomplete. Security Hub stopped answering (TooManyRequestsException). "
        "Findings read until then: 1,200. How many are missing is not known.",
        "🟣 CRITICAL 2   🔵 LOW 1,234",
    ]
    assert "📎 The thread has what was read as a CSV file, worst first." in shown(digest)
    assert "This list is incomplete." in render_digest(digest, ENGLISH, "prod", TODAY)["text"]


def test_an_incomplete_digest_is_one_in_japanese_too() -> None:
    digest = summary({Severity.LOW: 1}, incomplete=incomplete(None, ("S3.1", "IAM.*")))
    assert shown(digest, JAPANESE).splitlines()[:2] == [
        "🔵 prod: 読み取れた範囲で、未解決の違反は 1 件です（2026-11-23）",
        "⚠️ この一覧は不完全です。 すべてを読み取るには時間が足りませんでした。"
        "それまでに読み取った検出結果は 1,200 件です。"
        "3 回に分けた検索のうち 2 回分（S3.1, IAM.*）が最後まで読み取れていません。",
    ]


@in_both_languages
@pytest.mark.parametrize(("unreadable", "cause"), [(0, incomplete()), (1, None), (1, incomplete())])
def test_a_digest_that_found_nothing_in_a_part_does_not_say_that_there_is_nothing(
    unreadable: int, cause: Shortfall | None, wording: Wording
) -> None:
    digest = summary({}, unreadable=unreadable, incomplete=cause)
    unknown = wording.digest_unknown.format(environment="prod", date=TODAY)
    everything = shown(digest, wording) + render_digest(digest, wording, "prod", TODAY)["text"]
    assert everything.splitlines()[0] == f"⚠️ {unknown}"
    assert wording.digest_all_well.removeprefix(wording.digest_empty) not in everything
    assert "no open violations" not in everything


def test_an_incomplete_digest_names_the_controls_that_it_did_not_finish() -> None:
    digest = summary({}, incomplete=incomplete(controls=("S3.1", "IAM.*")))
    assert "Not read to the end: 2 of 3 queries, for S3.1, IAM.*." in shown(digest)


@in_both_languages
def test_an_incomplete_digest_names_no_more_controls_than_anyone_reads(wording: Wording) -> None:
    digest = summary({}, incomplete=incomplete(controls=tuple(f"EC2.{n}" for n in range(700))))
    assert f"EC2.11, {wording.more.format(count=688)}" in shown(digest, wording)


# ---- who, what, where


def test_the_longest_open_are_told_with_resource_control_and_days() -> None:
    digest = summary(longest_open=(long_open(), long_open(since=NOW - timedelta(hours=3, minutes=5))))
    lines = shown(digest).splitlines()
    at = lines.index("Open longest")
    assert lines[at + 1 : at + 3] == [
        "• 🔴 412 days  payroll  ·  S3.8 Buckets should block public access",
        "• 🔴 3 hours 5 minutes  payroll  ·  S3.8 Buckets should block public access",
    ]


def test_a_violation_that_began_after_the_digest_was_due_has_been_open_for_no_time() -> None:
    assert "less than a minute  payroll" in shown(summary(longest_open=(long_open(since=NOW + timedelta(hours=1)),)))


def test_of_the_longest_open_a_few_are_told() -> None:
    many = tuple(long_open(resource_name=f"bucket-{number}") for number in range(1000))
    assert ("bucket-4" in shown(summary(longest_open=many)), "bucket-5" in shown(summary(longest_open=many))) == (
        True,
        False,
    )


@in_both_languages
def test_accounts_are_told_when_there_are_several(wording: Wording) -> None:
    longest = {"longest_open": (long_open(),)}
    one, forty = (shown(summary(**longest, **accounts(count)), wording) for count in (1, 40))
    assert "team-0" not in one
    assert "payroll  ·  S3.8 Buckets should block public access\n" in one
    assert f"{wording.digest_accounts.format(count=40)}  team-0 1,000  ·  team-1 999" in forty
    assert forty.count("team-") == 5
    assert wording.more.format(count=35) in forty
    assert "payroll  ·  S3.8 Buckets should block public access  ·  payments\n" in forty


def test_an_account_without_a_name_is_its_id() -> None:
    nameless = (AccountCount(account_id="111122223333", account_name=None, count=7),)
    assert "Accounts (2)  111122223333 7" in shown(summary(accounts=nameless, account_count=2))


@in_both_languages
def test_the_controls_with_the_most_violations_are_a_table_at_the_end(wording: Wording) -> None:
    digest = summary(controls=tuple(map(control, range(57))), control_count=57)
    table = render_digest(digest, wording, "prod", TODAY)["blocks"][-1]
    header, first, *rest = block_text(table).splitlines()
    assert header.split() == list(wording.digest_controls_columns)
    assert first.split(maxsplit=4) == ["1,000", "🔴", "HIGH", "S3.0", "Title 0"]
    assert len(rest) == 9
    assert wording.digest_controls_part.format(shown=10, count=57) in shown(digest, wording)


def test_a_table_of_all_controls_is_not_called_a_part() -> None:
    assert "Controls with the most open violations\n" in shown(summary(controls=(control(1),), control_count=1))


@in_both_languages
def test_the_message_says_which_files_are_in_its_thread(wording: Wording) -> None:
    both, empty, neither = (
        shown(digest, wording) for digest in (summary(), summary({}), summary({}, comparison=UNCHANGED))
    )
    assert (wording.digest_pointer in both, wording.digest_pointer_resolved in both) == (True, True)
    assert (wording.digest_pointer in empty, wording.digest_pointer_resolved in empty) == (False, True)
    assert "📎" not in neither


# ---- the trend


def charts(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in payload["blocks"] if block["type"] == "data_visualization"]


def test_the_trend_is_a_chart_of_the_last_digests() -> None:
    (chart,) = charts(render_digest(summary(trend=trend(5, 0, 7)), ENGLISH, "prod", TODAY))
    assert chart["title"] == "Open violations, 2026-11-21 to 2026-11-23"
    points = [(point["label"], point["value"]) for point in chart["chart"]["series"][0]["data"]]
    assert points == [("11-21", 5), ("11-22", 0), ("11-23", 7)]


def test_a_chart_of_thirty_digests_has_every_second_and_ends_with_this_one() -> None:
    (chart,) = charts(render_digest(summary(trend=trend(*range(1, 41))), ENGLISH, "prod", TODAY))
    assert [point["value"] for point in chart["chart"]["series"][0]["data"]] == list(range(12, 41, 2))


@in_both_languages
def test_without_charts_the_trend_is_a_line_and_nothing_else_differs(wording: Wording) -> None:
    digest = summary(trend=trend(1000, 1, 0, 500, 1000, 875), controls=(control(1),), control_count=1)
    with_chart, without = (render_digest(digest, wording, "prod", TODAY, with_chart=chosen) for chosen in (True, False))
    (place,) = (at for at, block in enumerate(with_chart["blocks"]) if block in charts(with_chart))
    line = without["blocks"].pop(place)
    assert block_text(line) == f"{wording.digest_trend}  1,000 (2026-11-18)  `█▂▁▄█▇`  875 (2026-11-23)"
    del with_chart["blocks"][place]
    assert with_chart == without


@pytest.mark.parametrize("points", [(), (5,), (0, 0, 0)])
@pytest.mark.parametrize("with_chart", [True, False])
def test_what_is_no_trend_yet_is_not_drawn(points: tuple[int, ...], with_chart: bool) -> None:
    drawn = shown(summary(trend=trend(*points)), with_chart=with_chart)
    assert drawn == shown(summary(), with_chart=with_chart)


def test_of_several_digests_of_a_day_the_last_is_drawn() -> None:
    (chart,) = charts(render_digest(summary(trend=trend(4, 3, 2, 1, step=timedelta(hours=12))), ENGLISH, "prod", TODAY))
    assert [point["value"] for point in chart["chart"]["series"][0]["data"]] == [4, 2, 1]


def test_the_trend_has_no_dip_where_a_digest_is_incomplete() -> None:
    digest = summary(trend=trend(9, 8, 2), incomplete=incomplete())
    (chart,) = charts(render_digest(digest, ENGLISH, "prod", TODAY))
    assert [point["value"] for point in chart["chart"]["series"][0]["data"]] == [9, 8]


def test_a_trend_of_years_tells_the_years() -> None:
    (chart,) = charts(render_digest(summary(trend=trend(2, 1, step=timedelta(days=365))), ENGLISH, "prod", TODAY))
    assert chart["chart"]["axis_config"]["categories"] == ["2025-11-23", "2026-11-23"]


def test_the_trend_has_the_dates_of_its_readers() -> None:
    evening = replace(
        summary(),
        scheduled_time=NOW - timedelta(hours=2),
        trend=tuple(replace(point, scheduled_time=point.scheduled_time - timedelta(hours=2)) for point in trend(2, 1)),
    )
    (chart,) = charts(render_digest(evening, ENGLISH, "prod", TODAY))
    assert chart["chart"]["axis_config"]["categories"] == ["11-22", "11-23"]


# ---- Slack takes it


@pytest.mark.parametrize("counts", [{}, {Severity.HIGH: 1}, {Severity.HIGH: 2}])
def test_an_environments_name_mentions_nobody(counts: dict[Severity, int]) -> None:
    payload = render_digest(summary(counts), ENGLISH, "<!channel> & {count}", TODAY)
    assert payload["text"].startswith("&lt;!channel&gt; &amp; {count}: ")
    assert payload["blocks"][0]["elements"][0]["elements"][1]["text"].startswith(" <!channel> & {count}: ")


def test_hostile_names_stand_in_blocks_as_text_alone() -> None:
    hostile = "<!channel> *bold* :tada: @here"
    digest = summary(
        controls=(control(1, control_id=hostile, title=hostile),),
        longest_open=(long_open(control_id=hostile, title=hostile, resource_name=hostile, account=hostile),),
        accounts=(AccountCount(account_id="1", account_name=hostile, count=1),),
        account_count=2,
        archive_problems=(ArchiveProblem(fault=ArchiveFault.FOREIGN, subject=hostile),),
        trend=trend(1, 2),
    )
    payload = render_digest(digest, ENGLISH, hostile, TODAY)
    assert shown(digest, name=hostile).count(hostile) == 9
    assert {"mrkdwn", "broadcast", "user", "link"} & set(str(payload).split("'")) == set()


counts_of_anything = st.integers(0, 10**18)
times = st.datetimes(timezones=st.just(UTC))
severities = st.sampled_from(Severity)
summaries = st.builds(
    Summary,
    scheduled_time=times,
    counts=st.dictionaries(severities, counts_of_anything),
    unreadable=counts_of_anything,
    incomplete=st.none()
    | st.builds(
        Shortfall,
        problem=st.none() | texts,
        findings_read=counts_of_anything,
        queries=counts_of_anything,
        unfinished=counts_of_anything,
        controls=st.lists(texts, max_size=15).map(tuple),
    ),
    controls=st.lists(
        st.builds(ControlCount, control_id=texts, title=texts, severity=severities, count=counts_of_anything),
        max_size=12,
    ).map(tuple),
    control_count=counts_of_anything,
    accounts=st.lists(
        st.builds(AccountCount, account_id=texts, account_name=st.none() | texts, count=counts_of_anything), max_size=7
    ).map(tuple),
    account_count=counts_of_anything,
    longest_open=st.lists(
        st.builds(
            LongOpen,
            control_id=texts,
            title=texts,
            severity=severities,
            resource_name=texts,
            account=texts,
            since=times,
        ),
        max_size=7,
    ).map(tuple),
    comparison=st.none()
    | st.builds(
        Comparison,
        since=times,
        new=counts_of_anything,
        reopened=counts_of_anything,
        resolved=st.none() | counts_of_anything,
    ),
    archive_problems=st.lists(
        st.builds(ArchiveProblem, fault=st.sampled_from(ArchiveFault), subject=texts), max_size=5
    ).map(tuple),
    trend=st.lists(st.builds(TrendPoint, scheduled_time=times, total=counts_of_anything), max_size=40).map(tuple),
    hidden=st.dictionaries(
        st.sampled_from(Hiding),
        st.builds(
            HiddenCount,
            count=st.none() | counts_of_anything,
            is_more=st.booleans(),
            since=st.none() | counts_of_anything,
        ),
    ),
)


@examples(200)
@given(summaries, st.sampled_from(list(LANGUAGES)), texts | st.just(""), st.dates(), st.booleans())
def test_slack_takes_the_wildest_digest(wild: Summary, language: str, name: str, day: Any, with_chart: bool) -> None:
    payload = render_digest(wild, LANGUAGES[language], name, day.isoformat(), with_chart=with_chart)
    assert problems(payload) == []
    assert len(payload["text"]) <= 4000
    as_text(payload)


def test_slack_takes_thousands_of_controls_accounts_and_old_violations() -> None:
    name = "漢" * 2000
    digest = summary(
        dict.fromkeys(Severity, 10**18),
        controls=(control(1, control_id=name, title=name, count=10**18),) * 5000,
        control_count=5000,
        accounts=(AccountCount(account_id=name, account_name=name, count=10**18),) * 5000,
        account_count=5000,
        longest_open=(long_open(control_id=name, title=name, resource_name=name, account=name),) * 5000,
        archive_problems=(ArchiveProblem(fault=ArchiveFault.MISSING, subject=name),) * 5000,
        incomplete=incomplete(name, (name,) * 5000),
        trend=trend(*range(5000)),
    )
    for with_chart in (True, False):
        payload = render_digest(digest, JAPANESE, name, TODAY, with_chart=with_chart)
        assert problems(payload) == []
        assert len(as_text(payload)) < 10_000  # Slack has a limit for all blocks together that it doesn't publish


# ---- the book


TITLES = {
    "S3.8": "S3 general purpose buckets should block public access",
    "S3.5": "S3 general purpose buckets should require requests to use SSL",
    "EC2.7": "EBS default encryption should be enabled",
    "EC2.8": "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)",
    "EC2.13": "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to port 22",
    "RDS.3": "RDS DB instances should have encryption at-rest enabled",
    "KMS.4": "AWS KMS key rotation should be enabled",
    "DynamoDB.2": "DynamoDB tables should have point-in-time recovery enabled",
    "Lambda.2": "Lambda functions should use supported runtimes",
    "IAM.4": "IAM root user access key should not exist",
}


def counted(control_id: str, count: int, severity: Severity = Severity.MEDIUM) -> ControlCount:
    return ControlCount(control_id=control_id, title=TITLES[control_id], severity=severity, count=count)


def aged(
    days: int,
    resource: str,
    control_id: str,
    account: str = "payments-production (111122223333)",
    severity: Severity = Severity.HIGH,
) -> LongOpen:
    return LongOpen(
        control_id=control_id,
        title=TITLES[control_id],
        severity=severity,
        resource_name=resource,
        account=account,
        since=NOW - timedelta(days=days),
    )


# ---- routes

EXEMPTION = Exemption(what="S3.8 · 1111*", reason="a public site", until="2027-03-31")
ROUTED = {
    "accepted": (AcceptedCount(exemption=EXEMPTION, count=1200),),
    "dropped": 30,
    "unknown_owners": (UnknownOwner(name="left@example.com", count=12), UnknownOwner(name="ghost", count=3)),
    "unknown_owner_count": 4,
}


def test_a_digest_lists_what_is_accepted_dropped_and_owned_by_nobody() -> None:
    lines = shown(summary(**ROUTED)).splitlines()
    start = lines.index("Accepted by exceptions (1,200)")
    assert lines[start + 1] == "• S3.8 · 1111*  1,200 until 2027-03-31: a public site"
    assert "Told nowhere, as the routes drop it  30" in lines
    assert "Owners nobody knows (4)  left@example.com 12  ·  ghost 3  ·  and 2 more" in lines
    assert "📎 The thread has what is accepted, and until when, as a CSV file." in lines


def test_of_many_exceptions_and_owners_some_are_named() -> None:
    exceptions = (AcceptedCount(exemption=replace(EXEMPTION, what="x" * 3000), count=1),) * 400
    owners = (UnknownOwner(name="y" * 300, count=1),) * 50
    digest = summary(accepted=exceptions, unknown_owners=owners, unknown_owner_count=2000)
    payload = render_digest(digest, ENGLISH, "prod", TODAY)
    assert "and 390 more" in as_text(payload)
    assert "and 1,990 more" in as_text(payload)
    assert problems(payload) == []
    assert len(payload["text"]) <= MAX_NOTIFICATION_CHARACTERS


def test_a_notification_says_what_is_accepted_and_dropped() -> None:
    text = render_digest(summary(**ROUTED), ENGLISH, "prod", TODAY)["text"]
    assert "Accepted by exceptions (1,200): S3.8 · 1111*." in text
    assert "Told nowhere, as the routes drop it: 30." in text
    assert "Owners nobody knows (4): left@example.com 12, ghost 3, and 2 more." in text


@pytest.mark.parametrize(
    ("wording", "whole", "part"),
    [
        (ENGLISH, "7 moved to another channel", "7 moved here from another channel · 2 moved away to another channel"),
        (
            JAPANESE,
            "別のチャンネルへ移動 7 件",
            "別のチャンネルからここへ移動 7 件 · ここから別のチャンネルへ移動 2 件",
        ),
    ],
)
def test_what_moved_is_told_from_where_the_reader_stands(wording: Wording, whole: str, part: str) -> None:
    moved = replace(CHANGED, moved=7)
    assert whole in shown(summary(comparison=moved), wording)
    assert part in shown(summary(comparison=replace(moved, moved_away=2), channel="C0000TEAMA1"), wording)


def test_a_channel_without_open_violations_is_not_told_that_every_control_passes() -> None:
    text = shown(summary({}, channel="C0000TEAMA1"))
    assert text.startswith("✅ prod: no open violations on 2026-11-23.\nThis is what the routes send to this channel.")
    assert "Every selected control passes" not in text


# ---- the book

EXAMPLE = Summary(
    scheduled_time=NOW,
    counts={Severity.CRITICAL: 3, Severity.HIGH: 61, Severity.MEDIUM: 84},
    control_count=21,
    controls=(
        counted("EC2.8", 38, Severity.HIGH),
        counted("S3.8", 14, Severity.HIGH),
        counted("S3.5", 12),
        counted("RDS.3", 11),
        counted("EC2.7", 10),
        counted("KMS.4", 9),
        counted("DynamoDB.2", 5),
        counted("EC2.13", 5, Severity.HIGH),
        counted("Lambda.2", 4),
        counted("IAM.4", 3, Severity.CRITICAL),
    ),
    accounts=(
        AccountCount(account_id="111122223333", account_name="payments-production", count=97),
        AccountCount(account_id="444455556666", account_name="data-platform", count=38),
        AccountCount(account_id="777788889999", account_name=None, count=13),
    ),
    account_count=3,
    longest_open=(
        aged(412, "receipts-export", "S3.8"),
        aged(307, "etl-bastion", "EC2.13", "data-platform (444455556666)"),
        aged(96, "Account 444455556666", "IAM.4", "data-platform (444455556666)", Severity.CRITICAL),
        aged(88, "orders-db", "RDS.3", severity=Severity.MEDIUM),
        aged(88, "orders-db-replica", "RDS.3", severity=Severity.MEDIUM),
    ),
    comparison=Comparison(since=YESTERDAY, new=12, reopened=3, resolved=34, left=LEFT),
    hidden={Hiding.SUPPRESSED: HiddenCount(count=23, since=1), Hiding.LOWERED: HiddenCount(count=2, since=0)},
    trend=trend(204, 205, 201, 214, 215, 210, 204, 198, 198, 190, 187, 185, 180, 174, 170, 167, 148),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_a_digest_as_it_looks(language: str) -> None:
    said = as_text(render_digest(EXAMPLE, LANGUAGES[language], "production", TODAY))
    assert code_blocks(page(language, "digest")) == [f"{said}\n"]
