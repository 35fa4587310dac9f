"""Slack messages as terminal text."""

from typing import Any

import pytest

from local.terminal import as_text


def blocks(*blocks: dict[str, Any]) -> str:
    return as_text({"text": "the notification", "blocks": list(blocks)})


def rich(*parts: dict[str, Any], kind: str = "rich_text_section", **keys: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)} | keys]}


def text(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"style": style} if style else {})


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def test_a_message_without_blocks_is_its_text() -> None:
    assert as_text({"text": "Hello"}) == "Hello"
    assert as_text({}) == ""


def test_blocks_take_the_place_of_the_text() -> None:
    assert blocks({"type": "header", "text": plain("Public bucket")}) == "Public bucket"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<https://example.com|the bucket>", "the bucket <https://example.com>"),
        ("<https://example.com|https://example.com>", "<https://example.com>"),
        ("<https://example.com?a=1&amp;b=2>", "<https://example.com?a=1&b=2>"),
        ("R&amp;D &lt;3 &amp;lt;", "R&D <3 &lt;"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("<!channel> <@U1> <#C1|security> <!subteam^S1|@owners>", "@channel @U1 #security @owners"),
        ("<!date^1795392000^{date_short_pretty} {time}|23 Nov, 00:00 UTC>", "23 Nov, 00:00 UTC"),
        ("*bold* `code`", "*bold* `code`"),
    ],
)
def test_mrkdwn_is_written_out(written: str, shown: str) -> None:
    assert as_text({"text": written}) == shown
    assert blocks({"type": "section", "text": mrkdwn(written)}) == shown


def test_plain_text_has_no_links() -> None:
    assert blocks({"type": "section", "text": plain("<https://a|b>")}) == "<https://a|b>"


def test_a_section_shows_its_fields_and_its_button() -> None:
    open_ = {"type": "button", "text": plain("Open"), "url": "https://example.com"}
    section = {"type": "section", "text": mrkdwn("S3.1"), "fields": [mrkdwn("a"), mrkdwn("b")], "accessory": open_}
    assert blocks(section) == "S3.1\na\nb\n[Open] <https://example.com>"


def test_a_context_is_one_line() -> None:
    image = {"type": "image", "alt_text": "icon", "image_url": "https://example.com/i.png"}
    context = {"type": "context", "elements": [mrkdwn("one"), image]}
    assert blocks(context) == "one  [image: icon] <https://example.com/i.png>"


def test_rich_text_is_joined() -> None:
    shown = blocks(
        rich(
            text("bold", bold=True),
            text(" & "),
            text("code", code=True),
            text(" "),
            text("gone", strike=True),
            text(" "),
            {"type": "link", "url": "https://example.com", "text": "here"},
            text(" "),
            {"type": "link", "url": "https://example.com"},
            text(" "),
            {"type": "date", "timestamp": 1795392000, "format": "{date}", "fallback": "23 Nov"},
            {"type": "emoji", "name": "eyes"},
        )
    )
    assert shown == "bold & `code` ~gone~ here <https://example.com> <https://example.com> 23 Nov:eyes:"


def test_rich_text_lists_quotes_and_code() -> None:
    items = [{"type": "rich_text_section", "elements": [text(word)]} for word in ("one", "two")]
    assert blocks(rich(*items, kind="rich_text_list", style="bullet", indent=1)) == "  • one\n  • two"
    assert blocks(rich(*items, kind="rich_text_list", style="ordered", offset=2)) == "3. one\n4. two"
    assert blocks(rich(text("a\nb"), kind="rich_text_quote")) == "> a\n> b"
    assert blocks(rich(text("a"), kind="rich_text_preformatted")) == "```\na\n```"


def test_a_table_is_aligned_by_what_a_terminal_shows() -> None:
    def row(*cells: str) -> list[dict[str, Any]]:
        return [{"type": "raw_text", "text": cell} for cell in cells]

    table = {
        "type": "table",
        "rows": [row("Control", "Open"), row("公開", "7"), [rich(text("S3.1")), *row("1200")]],
        "column_settings": [None, {"align": "right"}],
    }
    assert blocks(table).split("\n") == ["Control  Open", "公開        7", "S3.1     1200"]


def test_blocks_stand_below_each_other() -> None:
    shown = blocks({"type": "header", "text": plain("A")}, {"type": "divider"}, {"type": "markdown", "text": "# B"})
    assert shown.split("\n") == ["A", "─" * 40, "# B"]


def test_a_block_of_another_type_shows_as_its_name() -> None:
    assert blocks({"type": "video"}) == "[video]"


def test_attachments_stand_beside_a_bar() -> None:
    attachment = {"color": "#e01e5a", "blocks": [{"type": "section", "text": mrkdwn("one\n\ntwo")}]}
    assert as_text({"text": "Hello", "attachments": [attachment]}) == "Hello\n▌ one\n▌\n▌ two"


def test_the_bar_has_the_attachments_colour_when_asked() -> None:
    red = {"color": "#e01e5a", "text": "one"}
    none = {"color": "red; background: url(x)", "text": "two"}
    shown = as_text({"attachments": [red, none]}, colour=True)
    assert shown == "\x1b[38;2;224;30;90m▌\x1b[0m one\n▌ two"


def test_an_older_attachment_shows_its_keys() -> None:
    attachment = {
        "pretext": "Before",
        "title": "Title",
        "title_link": "https://example.com",
        "text": "a &amp; b",
        "fields": [{"title": "Region", "value": "us-east-1"}],
        "footer": "After",
    }
    lines = ["Before", "Title <https://example.com>", "a & b", "Region: us-east-1", "After"]
    assert as_text({"attachments": [attachment]}).split("\n") == [f"▌ {line}" for line in lines]


def test_files_are_named() -> None:
    files = [{"name": "a.csv", "title": "Open violations"}, {"name": "b.csv", "title": "b.csv"}]
    assert as_text({"text": "Hello", "files": files}) == "Hello\n[file] Open violations (a.csv)\n[file] b.csv"


def test_a_terminal_is_not_given_orders() -> None:
    assert as_text({"text": "\x1b[2Jgone\x07\r\n\tstill here\x9b\u202e\rover"}) == "�[2Jgone�\n\tstill here�� over"
    blocks = [{"type": "image", "image_url": "\x1b\ud800", "alt_text": "a"}, {"type": "\x1b"}]
    attachments = [{"color": "danger", "title": "\x1b", "title_link": "\x1b", "fields": [{"title": "\x1b"}]}]
    assert not set("\x1b\ud800") & set(as_text({"blocks": blocks, "attachments": attachments}))


def chart(**drawn: Any) -> dict[str, Any]:
    return {"type": "data_visualization", "title": "Open violations", "chart": drawn}


def series(*values: int, name: str = "Open") -> dict[str, Any]:
    return {"name": name, "data": [{"label": f"11-{day:02}", "value": value} for day, value in enumerate(values, 1)]}


def test_a_chart_is_drawn_from_zero_up_to_its_highest_value() -> None:
    assert blocks(chart(type="line", series=[series(1000, 0, 500, 125, 1, 250)])).split("\n") == [
        "Open violations",
        "1,000 ┤██",
        "      ┤██",
        "      ┤██  ▄▄",
        "      ┤██  ██    ▂▂",
        "    0 ┤██  ██▅▅▁▁██",
        "       11-01  11-06",
    ]


def test_several_series_are_named() -> None:
    shown = blocks(chart(type="bar", series=[series(1, name="HIGH"), series(0, name="LOW")])).split("\n")
    assert [line for line in shown if line in ("HIGH", "LOW")] == ["HIGH", "LOW"]


def test_a_pie_is_a_list() -> None:
    assert blocks(chart(type="pie", segments=[{"label": "HIGH", "value": 12}])) == "Open violations\nHIGH  12"


@pytest.mark.parametrize("odd", [{}, {"series": "x"}, {"series": [{"data": []}]}, {"series": [{}]}])
def test_a_chart_without_values_is_its_title(odd: dict[str, Any]) -> None:
    assert blocks(chart(type="line", **odd)) == "Open violations"
