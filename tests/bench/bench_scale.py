"""How a digest grows with the open violations it lists: requests, bytes, time and memory.

The function itself runs, against a local AWS and the stand-ins; Security Hub answers without its rate, for what is
measured is all but waiting. Each size twice, so that the second has as many to compare with.
python -m tests.bench scale; VIOLATIONS=1000000 for another size than 1,000 and 10,000 (ALL=1: 100,000 too).
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from local.security_hub.hub import SecurityHub
from local.slack.workspace import SlackWorkspace
from local.stack.settings import CHANNEL, TOKEN, lambda_settings
from tests.bench.measuring import ALL, Figures, counted, in_fresh_process, show, tell
from tests.findings import finding, resource

SIZES = [int(size) for size in os.environ.get("VIOLATIONS", "1000 10000" + " 100000" * ALL).split()]
PAGE = 100


class EndlessHub(SecurityHub):
    """Answers with findings that it makes as it goes, for a million of them wouldn't fit in memory."""

    def __init__(self, violations: int) -> None:
        super().__init__(requests_per_second=None)
        self._violations = violations

    def get_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        if {"Value": "NEW", "Comparison": "EQUALS"} not in request["Filters"].get("WorkflowStatus", []):
            return {"Findings": []}  # nothing is suppressed
        start = int(request.get("NextToken") or 0)
        page: dict[str, Any] = {"Findings": [_finding(number) for number in range(start, start + PAGE)]}
        if start + PAGE < self._violations:
            page["NextToken"] = str(start + PAGE)
        return page


def _finding(number: int) -> dict[str, Any]:
    account = f"{111122220000 + number % 50}"
    return finding(
        Id=f"arn:aws:securityhub:eu-west-1:{account}:security-control/S3.8/finding/{number:08d}",
        AwsAccountId=account,
        Resources=[resource(f"arn:aws:s3:::bucket-{number:08d}", Tags={"Owner": f"team-{number % 20}@example.com"})],
    )


def main() -> None:
    rows = [row for size in SIZES for row in _rows(size)]
    header = ["open violations", "", "requests", "MB read", "CSV MB", "s to read", "s to send", "ms each", "peak MiB"]
    show("A digest, as its list grows", [*header, "of it for the work"], rows)


def _rows(size: int) -> Iterator[list[str]]:
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    with counted(EndlessHub(size).asgi()) as (url, traffic), lambda_settings(workspace):
        os.environ["AWS_ENDPOINT_URL_SECURITYHUB"] = url
        for day, name in (("24", "first"), ("25", "compared")):
            before = sum(traffic.requests.values()), traffic.bytes
            figures = in_fresh_process("tests.bench.bench_scale", f"2026-11-{day}T00:00:00Z", size)
            requests, read = sum(traffic.requests.values()) - before[0], traffic.bytes - before[1]
            written = max(len(file.content or b"") for file in workspace.files)
            yield [f"{size:,}", name, f"{requests:,}", *_cells(figures, size, read, written)]


def _cells(figures: Figures, size: int, read: int, written: int) -> list[str]:
    return [
        f"{read / 1e6:,.1f}",
        f"{written / 1e6:,.1f}",
        f"{figures['reading']:,.1f}",
        f"{figures['seconds'] - figures['reading']:,.1f}",
        f"{1000 * figures['seconds'] / size:,.2f}",
        f"{figures['peak']:,.0f}",
        f"{figures['peak'] - figures['peak_before']:,.0f}",
    ]


def send(scheduled_time: str, violations: int) -> Figures:
    import handlers.digest
    import shared.aws.scan
    from shared.pipeline.gathering import Gathered, Gathering

    shared.aws.scan.SECONDS_BETWEEN_REQUESTS = 0
    gather, took = Gathering.gather, []

    def timed(*arguments: Any) -> Gathered:
        started = time.monotonic()
        gathered = gather(*arguments)
        took.append(time.monotonic() - started)
        return gathered

    Gathering.gather = timed
    log = StringIO()
    with redirect_stdout(log):
        counts = handlers.digest.lambda_handler({"scheduled_time": scheduled_time}, None)
    assert counts == {"open_violations": violations, "unreadable": 0}, json.dumps(counts)
    return {"reading": took[0]}


if __name__ == "__main__":
    tell(lambda: send(sys.argv[1], int(sys.argv[2])))
