"""The documentation is held to the template, the commands and the code; the Slack app to the scopes it needs."""

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from typer.main import get_command

from local.cli import app
from local.redrive.dead_letter_listing import ADVICE
from shared.view.language import LANGUAGES as WORDINGS
from tests.book import LANGUAGES, README, ROOT, anchors, code_blocks, links, page, path_of, prose, subjects, whole_book

MOST_README_LINES = 150
MOST_LINES_BEFORE_DEPLOYING = 45  # a screen or two
PREFIXES = {"stepfunctions": "states"}  # of actions, where that is another word than in a resource's type
SUBCOMMANDS = tuple(get_command(app).commands)
PICTURES = ROOT / "docs" / "image"

in_both_languages = pytest.mark.parametrize("language", LANGUAGES)
on_every_page = pytest.mark.parametrize(
    ("language", "subject"), [(language, subject) for language in LANGUAGES for subject in subjects(language)]
)
about_every_subject = pytest.mark.parametrize("subject", subjects("en"))


Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TemplateLoader(Loader):  # type: ignore[misc]  # of C or of Python
    """Reads CloudFormation's tags (!Ref, !Sub …) as the values they stand before."""


def _untagged(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


TemplateLoader.add_multi_constructor("!", _untagged)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def template() -> dict[str, Any]:
    result: dict[str, Any] = yaml.load(text("template.yaml"), Loader=TemplateLoader)  # noqa: S506 - a SafeLoader
    return result


def logical_ids(kind: str) -> list[str]:
    return [name for name, resource in template()["Resources"].items() if resource["Type"] == kind]


def make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.MULTILINE)


def shell_blocks(language: str) -> str:
    return "\n".join(code_blocks(whole_book(language), "sh"))


# ---- the pages


@in_both_languages
def test_the_readme_stays_short(language: str) -> None:
    assert len(page(language, README).splitlines()) <= MOST_README_LINES


def test_both_languages_have_the_same_pages() -> None:
    assert len(subjects("en")) > 1
    assert subjects("en") == subjects("ja")


@in_both_languages
@pytest.mark.parametrize("subject", subjects("en")[1:])
def test_a_page_begins_with_one_sentence_on_what_it_answers(language: str, subject: str) -> None:
    title, navigation, first = page(language, subject).split("\n\n")[:3]
    assert title.startswith("# ")
    assert navigation.startswith("[shirase](")
    assert re.fullmatch(r"(?:(?!\. )[^。\n])+[.。]", first)


@on_every_page
def test_a_page_leads_to_its_other_language_and_to_the_readme(language: str, subject: str) -> None:
    other = next(name for name in LANGUAGES if name != language)
    led = {(path_of(language, subject).parent / link).resolve() for link in links(page(language, subject))}
    assert path_of(other, subject) in led
    assert subject == README or path_of(language, README) in led


@in_both_languages
def test_the_readme_begins_with_its_contents_and_soon_comes_to_deploying(language: str) -> None:
    text = page(language, README)
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    contents = next(line for line in text.splitlines()[:12] if line.count("](#") > 3)
    led = [link.removeprefix("#") for link in links(contents) if link.startswith("#")]
    assert led == anchors("\n".join(f"## {section}" for section in sections[:-1]))
    assert text[: text.index(f"## {sections[1]}")].count("\n") < MOST_LINES_BEFORE_DEPLOYING


@in_both_languages
def test_the_rights_to_deploy_cover_every_kind_of_resource(language: str) -> None:
    (policy,) = (json.loads(block) for block in code_blocks(page(language, "operation"), "json"))
    allowed = {action.partition(":")[0] for statement in policy["Statement"] for action in statement["Action"]}
    kinds = {resource["Type"].split("::")[1].lower() for resource in template()["Resources"].values()}
    assert {PREFIXES.get(kind, kind) for kind in kinds - {"serverless"}} | {"lambda", "scheduler", "states"} <= allowed


@in_both_languages
def test_the_readme_leads_to_every_page(language: str) -> None:
    last_section = page(language, README).split("\n## ")[-2]
    led = {ROOT / link for link in links(last_section)}
    assert led == {path_of(language, subject) for subject in subjects(language)} - {path_of(language, README)}


@on_every_page
def test_links_and_pictures_lead_somewhere(language: str, subject: str) -> None:
    for link in links(page(language, subject)):
        path, _, anchor = link.partition("#")
        target = path_of(language, subject).parent / path if path else path_of(language, subject)
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@on_every_page
def test_no_heading_stands_twice_on_a_page(language: str, subject: str) -> None:
    found = anchors(page(language, subject))
    assert len(set(found)) == len(found)


def test_every_picture_is_shown() -> None:
    shown = [
        (path_of(language, subject).parent / link).resolve()
        for language in LANGUAGES
        for subject in subjects(language)
        for link in links(page(language, subject))
    ]
    assert set(PICTURES.iterdir()) <= set(shown)


# ---- both languages say the same


@about_every_subject
def test_both_languages_show_the_same_commands(subject: str) -> None:
    english, japanese = (
        [_without_words(block) for block in code_blocks(page(language, subject), "sh")] for language in LANGUAGES
    )
    assert english == japanese


@about_every_subject
def test_both_languages_have_the_same_headings_blocks_tables_and_lists(subject: str) -> None:
    english, japanese = (_shape(page(language, subject)) for language in LANGUAGES)
    assert english == japanese


@about_every_subject
def test_both_languages_link_to_the_same_things(subject: str) -> None:
    english, japanese = (
        sorted(_without_language(link) for link in links(page(language, subject))) for language in LANGUAGES
    )
    assert english == japanese


def _without_words(block: str) -> str:
    """A block without comments and placeholders, which are in the reader's language."""
    return re.sub(r"\s+# .*$|<[^>]+>", "", block, flags=re.MULTILINE)


def _shape(text: str) -> list[str]:
    """What begins each heading, block, row and item: the number of its #, the kind of block."""
    return re.findall(r"^(?:#+ | *```\w*$|\||- |\d\. )", text, re.MULTILINE)


def _without_language(link: str) -> str:
    return re.sub(r"(?<=docs/)(en|ja)/|\.\./(en|ja)/|(?<=README)\.ja|(?<=-)(en|ja)(?=-)|#.*", "", link)


# ---- what it says is so


@in_both_languages
@pytest.mark.parametrize("name", template()["Parameters"])
def test_every_parameter_is_in_the_settings_table_with_its_default(language: str, name: str) -> None:
    row = re.search(rf"^\| `{name}` \| ([^|]+) \| [^|]+ \|$", page(language, README), re.MULTILINE)
    assert row, f"{path_of(language, README)} has no row for {name}"
    default = template()["Parameters"][name].get("Default")
    assert default == "" or row[1] == ("–" if default is None else f"`{default}`")


@in_both_languages
def test_the_settings_table_names_no_parameter_that_is_gone(language: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|(?:[^|]+\|){2}$", page(language, README), re.MULTILINE)
    assert set(rows) == set(template()["Parameters"])


@in_both_languages
def test_every_command_is_described_and_none_that_is_gone(language: str) -> None:
    rows = re.findall(r"^\| `make ([a-z-]+)` \|", whole_book(language), re.MULTILINE)
    assert sorted(rows) == sorted(make_targets())


@in_both_languages
def test_every_subcommand_is_named_and_none_that_is_gone(language: str) -> None:
    named = re.findall(r"`shirase ([a-z]+)", prose(page(language, README)))
    assert sorted(named) == sorted(SUBCOMMANDS)


@in_both_languages
def test_every_alarm_is_in_the_runbook_and_none_that_is_gone(language: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|(?:[^|]+\|){2}$", page(language, "operation"), re.MULTILINE)
    assert sorted(rows) == sorted(logical_ids("AWS::CloudWatch::Alarm"))


@in_both_languages
def test_every_kind_of_dead_letter_is_explained(language: str) -> None:
    rows = re.findall(r"^\| `… × (\w+)", page(language, "operation"), re.MULTILINE)
    assert sorted(rows) == sorted([*ADVICE, "Unknown"])


@in_both_languages
def test_commands_call_make_targets_that_exist(language: str) -> None:
    called = re.findall(r"\bmake ([a-z-]+)", shell_blocks(language))
    called += re.findall(r"`(?:\w+=\S+ )*make ([a-z-]+)", prose(whole_book(language)))
    called += re.findall(r"^\$ (?:\w+=\S+ )*make ([a-z-]+)", whole_book(language), re.MULTILINE)
    assert called
    assert set(called) <= set(make_targets())


@in_both_languages
def test_commands_name_parts_of_the_stack_that_exist(language: str) -> None:
    named = set(re.findall(r"\bpart (\w+)", shell_blocks(language)))
    assert "LedgerTable" in named
    assert named <= set(template()["Resources"])


@in_both_languages
def test_event_files_that_are_named_exist(language: str) -> None:
    named = set(re.findall(r"\bevents/\w+\.json", whole_book(language)))
    assert named
    assert all((ROOT / name).is_file() for name in named)


@in_both_languages
def test_every_column_of_the_csv_is_explained(language: str) -> None:
    cells = re.findall(r"^\| ([^|`]+) \|", page(language, "digest"), re.MULTILINE)
    explained = {name.strip() for cell in cells for name in re.split("[,、]", cell)}
    wording = WORDINGS[language]
    assert {*wording.columns, *wording.digest_columns, wording.channel_column} <= explained


# ---- the Slack app


def test_the_slack_app_asks_for_the_scopes_it_needs_and_no_more() -> None:
    manifest = yaml.safe_load(text("slack-app-manifest.yaml"))
    assert manifest["oauth_config"] == {
        "scopes": {"bot": ["chat:write", "files:write", "users:read", "users:read.email"]}
    }
    assert not manifest["settings"]["interactivity"]["is_enabled"]
    assert not manifest["settings"]["socket_mode_enabled"]
    assert not manifest["settings"]["token_rotation_enabled"]


def test_the_slack_app_says_what_it_does_in_both_languages() -> None:
    described = yaml.safe_load(text("slack-app-manifest.yaml"))["display_information"]["description"]
    english, japanese = described.split(" / ")
    assert english.isascii()
    assert re.search("[ぁ-ん]", japanese)
    assert len(described) <= 140  # the most Slack takes
