"""What AWS bills a month, computed from what the other benchmarks measure; docs/en/cost.md and docs/ja/cost.md show it.

`python -m tests.bench.bench_cost en` (or ja) prints the table for the page, which a test holds to it.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.measuring import show

EVENTS = (1_000, 100_000, 10_000_000)  # of Security Hub, a month of 30 days
DAYS = 30

# Of the events. What Security Hub reports again, unchanged, every 12 to 24 hours is nearly all.
NEW, CLOSED = 0.01, 0.01
REPEATED = 1 - NEW - CLOSED

# List prices in US East (N. Virginia), USD, as known in mid-2026. Sources: the pages that the labels link to.
SQS_REQUESTS = 0.40 / 1e6
LAMBDA_REQUESTS = 0.20 / 1e6
LAMBDA_GB_SECONDS = 0.0000133334  # arm64
DYNAMODB_READS, DYNAMODB_WRITES = 0.125 / 1e6, 0.625 / 1e6  # on demand
DYNAMODB_GB = 0.25 + 0.20  # stored, and backed up to any point in time
LOGS_GB_IN, LOGS_GB_STORED = 0.50, 0.03
METRIC, ALARM = 0.30, 0.10
SECRET, SECRET_READS = 0.40, 0.05 / 1e4
S3_GB = 0.023
S3_READS = 0.4e-6

# Measured: seconds of CPU, by `make bench BENCH=warm` and BENCH=cold_start; calls of each kind, as these record them.
CPU_REPEATED, CPU_MESSAGE, INIT, CPU_FIRST = 0.0015, 0.0075, 0.29, 0.05
READS_REPEATED = 1
READS_NEW, WRITES_NEW = 2, 3
READS_CLOSED, WRITES_CLOSED = 1, 2
SLACK_CALLS_NEW, SLACK_CALLS_CLOSED = 1, 2

# Assumed: that Lambda's CPU is as fast as the one measured on, of which a function's memory buys a part ("Configure
# Lambda function memory"), and what AWS and Slack take to answer.
VCPU_MEMORY = 1769  # MB
ALERT_MEMORY, DIGEST_MEMORY = 512, 1024  # as in template.yaml
DYNAMODB_SECONDS, SLACK_SECONDS = 0.005, 0.3

SQS_REQUESTS_AN_EVENT = 3  # sent, received, deleted
IDLE_POLLS = 5 * DAYS * 86_400 / 20  # five pollers, each asking for 20 seconds
COLD_STARTS = 3_000  # a month at most
LOG_BYTES = 1_200  # an event: two lines of ours, three of Lambda
LOG_DAYS, LOG_COMPRESSION = 365, 0.15
METRICS, ALARMS = 6, 14
TOKEN_READS = 2 * DAYS * 86_400 / 300  # two functions at a time, each every five minutes, at most
ROUTE_READS = 2 * DAYS * 86_400 / 60  # two functions at a time, each every minute, at most
LEDGER_BYTES = 1_000
CSV_BYTES = 450  # a row
CSV_DAYS = 400
FINDINGS_A_SECOND = 300  # that Security Hub gives, and the digest reads
DIGEST_SECONDS, SECONDS_A_ROW = 5, 0.0004  # beside reading: BENCH=scale, on the part of a CPU that its memory buys


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the bill; `cost` takes events a month, and gives USD."""

    english: str
    japanese: str
    cost: Callable[[int], float]


def sqs(events: int) -> float:
    return (SQS_REQUESTS_AN_EVENT * events + IDLE_POLLS) * SQS_REQUESTS


def lambda_(events: int) -> float:
    alerts = events * (
        REPEATED * _alert_seconds(CPU_REPEATED, READS_REPEATED, 0)
        + NEW * _alert_seconds(CPU_MESSAGE, READS_NEW + WRITES_NEW, SLACK_CALLS_NEW)
        + CLOSED * _alert_seconds(CPU_MESSAGE, READS_CLOSED + WRITES_CLOSED, SLACK_CALLS_CLOSED)
    )
    alerts += min(events, COLD_STARTS) * (INIT + _alert_seconds(CPU_FIRST, 0, 0))
    digests = DAYS * (DIGEST_SECONDS + _open(events) * (1 / FINDINGS_A_SECOND + SECONDS_A_ROW))
    gb_seconds = (alerts * ALERT_MEMORY + digests * DIGEST_MEMORY) / 1024
    return events * LAMBDA_REQUESTS + gb_seconds * LAMBDA_GB_SECONDS


def _alert_seconds(cpu: float, dynamodb_calls: int, slack_calls: int) -> float:
    waiting = dynamodb_calls * DYNAMODB_SECONDS + slack_calls * SLACK_SECONDS
    return cpu * VCPU_MEMORY / ALERT_MEMORY + waiting


def _open(events: int) -> float:
    """Open violations: each is reported once a day."""
    return events / DAYS


def dynamodb(events: int) -> float:
    reads = events * (REPEATED * READS_REPEATED + NEW * READS_NEW + CLOSED * READS_CLOSED)
    writes = events * (NEW * WRITES_NEW + CLOSED * WRITES_CLOSED)
    return reads * DYNAMODB_READS + writes * DYNAMODB_WRITES + _open(events) * LEDGER_BYTES / 1e9 * DYNAMODB_GB


def logs(events: int) -> float:
    gigabytes = events * LOG_BYTES / 1e9
    return gigabytes * LOGS_GB_IN + gigabytes * LOG_DAYS / DAYS * LOG_COMPRESSION * LOGS_GB_STORED


def metrics_and_alarms(_events: int) -> float:
    return METRICS * METRIC + ALARMS * ALARM


def secret(events: int) -> float:
    return SECRET + min(events, TOKEN_READS) * SECRET_READS


def s3(events: int) -> float:
    return _open(events) * CSV_BYTES * CSV_DAYS / 1e9 * S3_GB + min(events, ROUTE_READS) * S3_READS


def total(events: int) -> float:
    return sum(item.cost(events) for item in ITEMS)


def direct(events: int) -> float:
    """The bill if EventBridge invoked the function itself, without the queue."""
    return total(events) - sqs(events)


def _usd(price: float, per: float = 1) -> str:
    return (
        f"{price * per:.10f}".rstrip("0").rstrip(".") if price * per < 0.01 else f"{price * per:.3f}".removesuffix("0")
    )


ITEMS = (
    Item(
        english="[EventBridge](https://aws.amazon.com/eventbridge/pricing/): "
        "AWS service events on the default bus are free",
        japanese="[EventBridge](https://aws.amazon.com/jp/eventbridge/pricing/): "
        "デフォルトイベントバスの AWS サービスイベントは無料",
        cost=lambda _events: 0.0,
    ),
    Item(
        english=f"[SQS](https://aws.amazon.com/sqs/pricing/): {_usd(SQS_REQUESTS, 1e6)} per million requests; "
        f"{SQS_REQUESTS_AN_EVENT} an event, and {IDLE_POLLS:,.0f} polls of an idle queue",
        japanese=f"[SQS](https://aws.amazon.com/jp/sqs/pricing/): 100 万リクエストあたり {_usd(SQS_REQUESTS, 1e6)}。"
        f"イベントごとに {SQS_REQUESTS_AN_EVENT} 回と、空のキューのポーリング {IDLE_POLLS:,.0f} 回",
        cost=sqs,
    ),
    Item(
        english=f"[Lambda](https://aws.amazon.com/lambda/pricing/), arm64: {_usd(LAMBDA_REQUESTS, 1e6)} per million "
        f"requests, {_usd(LAMBDA_GB_SECONDS)} per GB-second",
        japanese="[Lambda](https://aws.amazon.com/jp/lambda/pricing/)（arm64）: 100 万リクエストあたり "
        f"{_usd(LAMBDA_REQUESTS, 1e6)}、1 GB 秒あたり {_usd(LAMBDA_GB_SECONDS)}",
        cost=lambda_,
    ),
    Item(
        english="[DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/) on demand: "
        f"{_usd(DYNAMODB_READS, 1e6)} per million reads, {_usd(DYNAMODB_WRITES, 1e6)} per million writes; "
        f"storage and backup {_usd(DYNAMODB_GB)} per GB",
        japanese="[DynamoDB](https://aws.amazon.com/jp/dynamodb/pricing/on-demand/) オンデマンド: 100 万読み取りあたり "
        f"{_usd(DYNAMODB_READS, 1e6)}、100 万書き込みあたり {_usd(DYNAMODB_WRITES, 1e6)}、"
        f"ストレージとバックアップは 1 GB あたり {_usd(DYNAMODB_GB)}",
        cost=dynamodb,
    ),
    Item(
        english=f"[CloudWatch](https://aws.amazon.com/cloudwatch/pricing/) Logs: {_usd(LOGS_GB_IN)} per GB taken in, "
        f"{_usd(LOGS_GB_STORED)} per GB stored",
        japanese="[CloudWatch](https://aws.amazon.com/jp/cloudwatch/pricing/) Logs: 1 GB あたり取り込み "
        f"{_usd(LOGS_GB_IN)}、保存 {_usd(LOGS_GB_STORED)}",
        cost=logs,
    ),
    Item(
        english=f"CloudWatch: {METRICS} custom metrics at {_usd(METRIC)}, {ALARMS} alarms at {_usd(ALARM)}",
        japanese=f"CloudWatch: カスタムメトリクス {METRICS} 個（各 {_usd(METRIC)}）、"
        f"アラーム {ALARMS} 個（各 {_usd(ALARM)}）",
        cost=metrics_and_alarms,
    ),
    Item(
        english=f"[Secrets Manager](https://aws.amazon.com/secrets-manager/pricing/): {_usd(SECRET)} a secret, "
        f"{_usd(SECRET_READS, 1e4)} per 10,000 calls",
        japanese="[Secrets Manager](https://aws.amazon.com/jp/secrets-manager/pricing/): "
        f"シークレット 1 個 {_usd(SECRET)}、1 万回の呼び出しあたり {_usd(SECRET_READS, 1e4)}",
        cost=secret,
    ),
    Item(
        english=f"[S3](https://aws.amazon.com/s3/pricing/): {_usd(S3_GB)} per GB, after {CSV_DAYS} days of digests, "
        f"and {_usd(S3_READS, 1e4)} per 10,000 reads of the routes",
        japanese=f"[S3](https://aws.amazon.com/jp/s3/pricing/): 1 GB あたり {_usd(S3_GB)}"
        f"（{CSV_DAYS} 日分の一覧がたまった状態）、振り分けの設定の読み取り 1 万回あたり {_usd(S3_READS, 1e4)}",
        cost=s3,
    ),
)
SUMS = (
    Item(english="**Total, USD a month**", japanese="**合計（USD/月）**", cost=total),
    Item(
        english="The same without the queue: EventBridge invokes the function itself",
        japanese="キューを挟まず EventBridge から関数を直接起動した場合",
        cost=direct,
    ),
)
HEADERS = {
    "en": ("Service, list price in US East (N. Virginia)", "1,000 a month", "100,000 a month", "10 million a month"),
    "ja": ("サービスと、米国東部（バージニア北部）の定価（USD）", "月 1,000 件", "月 100,000 件", "月 1,000 万件"),
}


def markdown(language: str) -> str:
    """The table of the page on cost, in English (en) or Japanese (ja)."""
    lines = [_markdown_row(HEADERS[language]), "|---|---:|---:|---:|"]
    for item in (*ITEMS, *SUMS):
        cells = [f"{item.cost(events):,.2f}" for events in EVENTS]
        is_total = item.cost is total
        label = item.japanese if language == "ja" else item.english
        lines.append(_markdown_row([label, *(f"**{cell}**" if is_total else cell for cell in cells)]))
    return "\n".join(lines)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    rows = [[_plain(item.english), *(f"{item.cost(events):,.2f}" for events in EVENTS)] for item in (*ITEMS, *SUMS)]
    show("A month's bill, USD", ["", *(f"{events:,} events" for events in EVENTS)], rows)


def _plain(label: str) -> str:
    return re.sub(r"\[(.+?)\]\(.+?\)", r"\1", label).replace("*", "")


if __name__ == "__main__":
    print(markdown(sys.argv[1]))
