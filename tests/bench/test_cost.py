"""The documents show the bill that this folder computes, from what the template deploys and the code does."""

import re
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.bench import bench_cost

ROOT = Path(__file__).parents[2]
RESOURCES = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]


@pytest.mark.parametrize(("language", "readme"), [("en", "README.md"), ("ja", "README.ja.md")])
def test_the_documents_show_this_bill(language: str, readme: str) -> None:
    assert bench_cost.markdown(language) in (ROOT / readme).read_text(encoding="utf-8"), (
        f"replace the table of {readme} by what `python -m tests.bench.bench_cost {language}` prints"
    )


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_first_sentence_rounds_the_totals(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    sentence = next(line for line in text.splitlines() if line.startswith(("About **", "**イベントが月 1,000 件")))
    assert re.findall(r"(\d+) USD", sentence) == [f"{bench_cost.total(events):.0f}" for events in bench_cost.EVENTS]


def test_the_bill_is_that_of_the_template() -> None:
    kinds = [resource["Type"] for resource in RESOURCES.values()]
    assert kinds.count("AWS::CloudWatch::Alarm") == bench_cost.ALARMS
    assert RESOURCES["AlertFunction"]["Properties"]["MemorySize"] == bench_cost.ALERT_MEMORY
    assert RESOURCES["DigestFunction"]["Properties"]["MemorySize"] == bench_cost.DIGEST_MEMORY
    assert RESOURCES["AlertLogGroup"]["Properties"]["RetentionInDays"] == 30 * bench_cost.LOG_MONTHS
    expirations = [
        rule["ExpirationInDays"] for rule in RESOURCES["ArchiveBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ]
    assert bench_cost.CSV_DAYS in expirations


def test_the_queue_is_the_dearest_part_of_many_events_and_costs_cents_with_few() -> None:
    many = 10_000_000
    assert max(bench_cost.ITEMS, key=lambda item: item.cost(many)).cost is bench_cost.sqs
    assert bench_cost.total(1_000) - bench_cost.direct(1_000) < 0.5


def test_both_documents_show_the_same_figures() -> None:
    english, japanese = (_figures(readme) for readme in ("README.md", "README.ja.md"))
    assert english
    assert english == japanese


def _figures(readme: str) -> list[list[str]]:
    """The cells of the tables of figures, those that are the same in every language."""
    rows = [line.split("|")[2:-1] for line in (ROOT / readme).read_text(encoding="utf-8").splitlines() if "|" in line]
    return [row for row in rows if row and all(re.fullmatch(r"[ *\d.,]*(ms )?", cell) for cell in row)]
