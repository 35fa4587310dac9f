"""The book shows the bill that this folder computes, from what the template deploys and the code does."""

import re

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.bench import bench_cost
from tests.book import LANGUAGES, README, ROOT, page

RESOURCES = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_shows_this_bill(language: str) -> None:
    assert bench_cost.markdown(language) in page(language, "cost"), (
        f"replace the table of docs/{language}/cost.md by what `python -m tests.bench.bench_cost {language}` prints"
    )


@pytest.mark.parametrize("subject", [README, "cost"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_totals_are_rounded_in_a_sentence(language: str, subject: str) -> None:
    (sentence,) = (line for line in page(language, subject).splitlines() if re.search(r"\d USD", line))
    assert re.findall(r"(\d+) USD", sentence) == [f"{bench_cost.total(events):.0f}" for events in bench_cost.EVENTS]


def test_the_bill_is_that_of_the_template() -> None:
    kinds = [resource["Type"] for resource in RESOURCES.values()]
    assert kinds.count("AWS::CloudWatch::Alarm") == bench_cost.ALARMS
    assert RESOURCES["AlertFunction"]["Properties"]["MemorySize"] == bench_cost.ALERT_MEMORY
    assert RESOURCES["DigestFunction"]["Properties"]["MemorySize"] == bench_cost.DIGEST_MEMORY
    assert RESOURCES["AlertLogGroup"]["Properties"]["RetentionInDays"] == bench_cost.LOG_DAYS
    expirations = [
        rule.get("ExpirationInDays")
        for rule in RESOURCES["ArchiveBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ]
    assert bench_cost.CSV_DAYS in expirations


def test_the_queue_is_the_dearest_part_of_many_events_and_costs_cents_with_few() -> None:
    many = 10_000_000
    assert max(bench_cost.ITEMS, key=lambda item: item.cost(many)).cost is bench_cost.sqs
    assert bench_cost.total(1_000) - bench_cost.direct(1_000) < 0.5


@pytest.mark.parametrize("subject", ["performance", "cost"])
def test_both_languages_show_the_same_figures(subject: str) -> None:
    english, japanese = (_figures(page(language, subject)) for language in LANGUAGES)
    assert english
    assert english == japanese


def _figures(text: str) -> list[list[str]]:
    """The cells of the tables of figures, those that are the same in every language."""
    rows = [line.split("|")[2:-1] for line in text.splitlines() if "|" in line]
    return [row for row in rows if row and all(re.fullmatch(r"[ *\d.,]*(ms )?", cell) for cell in row)]
