"""What must not grow unnoticed, as ratios to the same network calls alone, with room for a busy machine."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.bench import artifact, bench_cost, bench_warm
from tests.bench.bench_cold_start import ColdStarts, alternating, cold_starts

RUNS = 4
COLD_START_RATIO = 1.6  # the goal is 1.15
WARM_RATIO = 2.0  # the goal is 1.3
MOST_ZIP_BYTES = 5_000_000
READS = {"GetItem"}
WRITES = {"PutItem", "UpdateItem"}


@pytest.fixture(scope="module")
def own_environment() -> Iterator[None]:
    with patch.dict(os.environ):
        yield


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return artifact.build(tmp_path_factory.mktemp("artifact") / "shipped")


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory, own_environment: None) -> Iterator[ColdStarts]:
    with cold_starts(tmp_path_factory.mktemp("cold_start")) as starts:
        yield starts


def test_a_cold_start_takes_little_more_than_its_network_calls(starts: ColdStarts, shipped: Path) -> None:
    taken = alternating({"ours": lambda: starts.ours(shipped), "floor": lambda: starts.floor(shipped)}, RUNS)
    ours, floor = (min(figures["cpu"] for figures in taken[way]) for way in ("ours", "floor"))
    assert ours / floor <= COLD_START_RATIO


def test_most_of_a_cold_start_is_before_the_event(starts: ColdStarts, shipped: Path) -> None:
    figures = starts.ours(shipped)
    assert figures["init_cpu"] / figures["cpu"] >= 0.6  # 0.85 with all clients made


def test_a_new_violation_makes_the_calls_that_the_bill_counts(starts: ColdStarts) -> None:
    operations = [operation for _, operation, _ in starts.calls]
    assert sum(operation in READS for operation in operations) == bench_cost.READS_NEW
    assert sum(operation in WRITES for operation in operations) == bench_cost.WRITES_NEW
    assert operations.count("chat_postMessage") == bench_cost.SLACK_CALLS_NEW
    assert operations.count("GetSecretValue") == 1


def test_a_warm_alert_takes_little_more_than_its_network_calls(own_environment: None) -> None:
    with patch.dict(os.environ, TURNS="3"):
        figures = bench_warm.measured("announced", "a known one")
    for kind, ways in figures.items():
        (_, ours), (_, bare) = ways["ours"], ways["bare"]
        assert ours / bare <= WARM_RATIO, kind
        assert ways["batch of ten"][1] / ours <= 1.5, f"{kind}: ten in a batch cost more than ten by themselves"


def test_the_artifact_stays_small(shipped: Path) -> None:
    assert sum(entry.compress_size for entry in artifact.zipped(shipped)) <= MOST_ZIP_BYTES
