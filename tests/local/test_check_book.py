"""The book's page of the check: its sample is what the command says of its template, and its tables are whole."""

import re
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from local.check import command
from local.check.command import FORMATS
from local.check.coverage import markdown
from local.cli import app
from local.words import speaking
from tests.book import LANGUAGES, code_blocks, is_shown_in, page, prose

in_both_languages = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By language what the command says of the page's template."""
    folder = tmp_path_factory.mktemp("book")
    text = code_blocks(page("en", "check"), "yaml")[0]
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("orders.yaml").write_text(text, encoding="utf-8")
        for language in LANGUAGES:
            with speaking(language):
                command.check(command.Wish(paths=["orders.yaml"], output=Path(language)))
            said[language] = Path(language).read_text(encoding="utf-8")
    return said


@in_both_languages
def test_the_sample_is_what_the_command_says(language: str, samples: dict[str, str]) -> None:
    (block,) = code_blocks(page(language, "check"))
    first, shown = block.split("\n", 1)
    assert first == "$ shirase check orders.yaml"
    assert is_shown_in(samples[language], shown)


def test_both_languages_show_the_same_template_and_pipelines() -> None:
    english, japanese = (code_blocks(page(language, "check"), "yaml") for language in LANGUAGES)
    assert [block for block in english if "accepted" not in block or "Resources" in block] == [
        block for block in japanese if "accepted" not in block or "Resources" in block
    ]
    assert all(yaml.compose(block) for block in english)


@in_both_languages
def test_every_option_is_in_the_table_and_none_that_is_gone(language: str) -> None:
    rows = re.findall(r"^\| `(--[a-z-]+)", page(language, "check"), re.MULTILINE)
    options = [option for one in get_command(app).commands["check"].params for option in one.opts]
    assert sorted(rows) == sorted(option for option in options if option.startswith("--"))


@in_both_languages
def test_every_format_and_exit_code_is_explained(language: str) -> None:
    text = page(language, "check")
    (row,) = re.findall(r"^\| `--format NAME`.*$", text, re.MULTILINE)
    assert all(f"`{name}`" in row for name in FORMATS)
    assert re.findall(r"^\| (\d) \|", text, re.MULTILINE) == ["0", "1", "2", "3"]


@in_both_languages
def test_the_table_of_coverage_is_that_of_the_command(language: str) -> None:
    assert markdown(language) in prose(page(language, "check")), f"python -m local.check.coverage {language} prints it"
