"""The documentation is held to the template, the Makefile and the code; the Slack app to the scopes it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.view.language import LANGUAGES

ROOT = Path(__file__).parents[2]
READMES = {"en": "README.md", "ja": "README.ja.md"}

both = pytest.mark.parametrize("readme", READMES.values())


class TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's tags (!Ref, !Sub …) as the values they stand before."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


TemplateLoader.add_multi_constructor("!", _untagged)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def template() -> dict[str, Any]:
    result: dict[str, Any] = yaml.load(text("template.yaml"), Loader=TemplateLoader)  # noqa: S506 - a SafeLoader
    return result


def logical_ids(kind: str) -> list[str]:
    return [name for name, resource in template()["Resources"].items() if resource["Type"] == kind]


def make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.MULTILINE)


def code_blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text(readme), re.MULTILINE | re.DOTALL)


def prose(readme: str) -> str:
    """The document without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text(readme), flags=re.MULTILINE | re.DOTALL)


def anchors(readme: str) -> set[str]:
    """The headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", prose(readme), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@both
@pytest.mark.parametrize("name", template()["Parameters"])
def test_every_parameter_is_in_the_settings_table_with_its_default(readme: str, name: str) -> None:
    row = re.search(rf"^\| `{name}` \| ([^|]+) \| [^|]+ \|$", text(readme), re.MULTILINE)
    assert row, f"{readme} has no row for {name}"
    default = template()["Parameters"][name].get("Default")
    assert default == "" or row[1] == ("–" if default is None else f"`{default}`")


@both
def test_the_settings_table_names_no_parameter_that_is_gone(readme: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|(?:[^|]+\|){2}$", text(readme), re.MULTILINE)
    alarms = logical_ids("AWS::CloudWatch::Alarm")
    assert set(rows) - set(alarms) == set(template()["Parameters"])


@both
@pytest.mark.parametrize("target", make_targets())
def test_every_make_target_is_described(readme: str, target: str) -> None:
    assert f"| `make {target}` |" in text(readme)


@both
@pytest.mark.parametrize("alarm", logical_ids("AWS::CloudWatch::Alarm"))
def test_every_alarm_is_in_the_runbook(readme: str, alarm: str) -> None:
    assert re.search(rf"^\| `{alarm}` \|", text(readme), re.MULTILINE)


@both
def test_commands_call_make_targets_that_exist(readme: str) -> None:
    called = re.findall(r"\bmake ([a-z-]+)", "\n".join(code_blocks(readme, "sh")))
    assert called
    assert set(called) <= set(make_targets())


@both
def test_commands_name_parts_of_the_stack_that_exist(readme: str) -> None:
    named = set(re.findall(r"\b(?:part|arn) (\w+)", "\n".join(code_blocks(readme, "sh"))))
    assert "LedgerTable" in named
    assert named <= set(template()["Resources"])


@both
def test_event_files_that_are_named_exist(readme: str) -> None:
    named = set(re.findall(r"\bevents/\w+\.json", text(readme)))
    assert named
    assert all((ROOT / name).is_file() for name in named)


@both
def test_links_lead_somewhere(readme: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(readme)) if "://" not in link]
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        assert (ROOT / path).is_file() if path else anchor in anchors(readme), link


@pytest.mark.parametrize(("language", "readme"), READMES.items())
def test_every_column_of_the_csv_is_explained(language: str, readme: str) -> None:
    cells = re.findall(r"^\| ([^|`]+) \|", text(readme), re.MULTILINE)
    explained = {name.strip() for cell in cells for name in re.split("[,、]", cell)}
    wording = LANGUAGES[language]
    assert {*wording.columns, *wording.digest_columns} <= explained


def test_both_languages_show_the_same_commands() -> None:
    english, japanese = ([_without_words(block) for block in code_blocks(readme, "sh")] for readme in READMES.values())
    assert english == japanese


def _without_words(block: str) -> str:
    """A block without comments and placeholders, which are in the reader's language."""
    return re.sub(r"\s+# .*$|<[^>]+>", "", block, flags=re.MULTILINE)


def test_the_slack_app_asks_for_the_scopes_it_needs_and_no_more() -> None:
    manifest = yaml.safe_load(text("slack-app-manifest.yaml"))
    assert manifest["oauth_config"] == {"scopes": {"bot": ["chat:write", "files:write"]}}
    assert not manifest["settings"]["interactivity"]["is_enabled"]
    assert not manifest["settings"]["socket_mode_enabled"]
    assert not manifest["settings"]["token_rotation_enabled"]
