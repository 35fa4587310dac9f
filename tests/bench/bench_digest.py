"""Reading the one finding in a hundred that is wanted, among 10,000 (ALL=1: 50,000), at Security Hub's own rate.

The naive way beside ours pages through everything with boto3's paginator, keeps it in a list, filters in code, and
joins the CSV.
"""

import csv
import io
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config

from local.security_hub.hub import SecurityHub
from shared.app import PATIENT
from shared.aws.query import Filters
from shared.aws.scan import SECONDS_BETWEEN_REQUESTS, Scan
from shared.digest.open_list import OpenList
from shared.finding.asff import parse_finding
from shared.finding.violation import Severity
from shared.finding.violation_json import decode
from shared.policy.selection import Policy
from shared.view.csv_file import csv_rows, write_csv
from shared.view.english import ENGLISH
from tests.bench.measuring import ALL, Figures, counted, in_fresh_process, show, tell
from tests.findings import finding, resource

FINDINGS = 50_000 if ALL else 10_000
ONE_IN = 100
WANTED = Policy(target_control_ids=("S3.8", "IAM.*"), min_severity=Severity.HIGH)
NOW = parse_finding(finding()).updated_at


def main() -> None:
    hub = SecurityHub()
    fill(hub, FINDINGS)
    rows = []
    for way in ("ours", "naive"):
        with counted(hub.asgi()) as (url, traffic):
            figures = in_fresh_process("tests.bench.bench_digest", way, url)
        assert figures["violations"] == FINDINGS // ONE_IN
        rows.append([way, *_cells(figures, traffic.requests, traffic.bytes)])
    header = ["", "requests", "refused", "MB received", "seconds", "peak MiB", "of it for the work", "% of the rate"]
    show(f"A digest of {FINDINGS // ONE_IN:,} violations among {FINDINGS:,} findings", header, rows)


def fill(hub: SecurityHub, count: int) -> None:
    """Every so many-th finding is wanted; the others passed, are archived, low, or of other controls."""
    unwanted: list[dict[str, Any]] = [
        {"Compliance.Status": "PASSED"},
        {"RecordState": "ARCHIVED"},
        {"Severity.Label": "LOW"},
        {"Compliance.SecurityControlId": "EC2.8"},
    ]
    for number in range(count):
        changes = {} if number % ONE_IN == 0 else unwanted[number % len(unwanted)]
        ids = {"Id": f"{number:08d}", "Resources": [resource(f"arn:aws:s3:::bucket-{number}")]}
        hub.import_finding(finding(**ids, **changes))


def _cells(figures: Figures, requests: dict[int, int], size: int) -> list[str]:
    asked = sum(requests.values())
    pace = (requests[200] - 1) * SECONDS_BETWEEN_REQUESTS / figures["reading"]
    return [
        f"{asked:,}",
        f"{asked - requests[200]:,}",
        f"{size / 1e6:,.1f}",
        f"{figures['seconds']:,.1f}",
        f"{figures['peak']:,.0f}",
        f"{figures['peak'] - figures['peak_before']:,.0f}",
        f"{pace:.0%}" if requests[200] > 1 else "–",
    ]


def client(url: str, config: Config) -> Any:
    session: Any = boto3.session.Session("test", "test", region_name="ap-northeast-1")
    return session.client("securityhub", endpoint_url=url, config=config)


def ours(url: str, folder: Path) -> Figures:
    reading = Stopwatch(client(url, PATIENT))
    with closing(OpenList(folder / "list.sqlite")) as open_list:
        for page in Scan(reading).pages(WANTED):
            for violation in page.violations:
                open_list.add(violation)
        rows = (csv_rows(decode(row.content), NOW) for row in open_list.section().rows())
        written = write_csv(folder / "open.csv", rows, ENGLISH.columns)
    return {"violations": written, "reading": reading.seconds}


def naive(url: str, folder: Path) -> Figures:
    hub = client(url, Config(retries={"mode": "adaptive", "total_max_attempts": 20}))
    reading = Stopwatch(hub)
    pages = hub.get_paginator("get_findings").paginate(PaginationConfig={"PageSize": 100})
    findings = [found for page in reading.watch(pages) for found in page["Findings"]]
    wanted = [
        violation
        for found in findings
        if (violation := parse_finding(found)) and violation.is_listed and WANTED.selects(violation)
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    for one in wanted:
        writer.writerow([one.resource.id, one.title, one.control_id, one.severity.name, one.account_id])
    (folder / "open.csv").write_text(text.getvalue(), encoding="utf-8-sig")
    return {"violations": len(wanted), "reading": reading.seconds}


class Stopwatch:
    """Takes the time from the first request's start to the last one's."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._times: list[float] = []

    @property
    def seconds(self) -> float:
        return max(self._times[-1] - self._times[0], 0.001)

    def get_findings(self, **request: Filters) -> Any:
        self._times.append(time.monotonic())
        return self._client.get_findings(**request)

    def watch(self, pages: Any) -> Any:
        self._times.append(time.monotonic())
        for page in pages:
            yield page
            self._times.append(time.monotonic())
        self._times.pop()


if __name__ == "__main__":
    way, hub_url = sys.argv[1:]
    with TemporaryDirectory() as scratch:
        tell(lambda: {"ours": ours, "naive": naive}[way](hub_url, Path(scratch)))
