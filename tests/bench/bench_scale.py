"""A digest of 100,000 open violations, twice, so that the second has as many to compare with: time and memory.

The function itself runs, against a local AWS and the stand-ins; Security Hub answers without its rate, for what is
measured is all but waiting. python -m tests.bench scale; VIOLATIONS=1000000 for more.
"""

import json
import os
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from local.security_hub.hub import SecurityHub
from local.serving import serve
from local.settings import CHANNEL, TOKEN, lambda_settings
from local.slack.workspace import SlackWorkspace
from tests.bench.measuring import Figures, in_fresh_process, show, tell
from tests.unit.findings import finding, resource

VIOLATIONS = int(os.environ.get("VIOLATIONS", "100000"))
PAGE = 100


class EndlessHub(SecurityHub):
    """Answers with findings that it makes as it goes, for a million of them wouldn't fit in memory."""

    def get_findings(self, request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("NextToken") or 0)
        page: dict[str, Any] = {"Findings": [_finding(number) for number in range(start, start + PAGE)]}
        if start + PAGE < VIOLATIONS:
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
    hub = EndlessHub(requests_per_second=None)
    workspace = SlackWorkspace(token=TOKEN, channels={CHANNEL: "security"}, now=time.time)
    rows = []
    with serve(hub.asgi()) as url, lambda_settings(workspace):
        os.environ["AWS_ENDPOINT_URL_SECURITYHUB"] = url
        for day, name in (("24", "first digest"), ("25", "with as many to compare with")):
            rows.append([name, *_cells(in_fresh_process("tests.bench.bench_scale", f"2026-11-{day}T00:00:00Z"))])
    size = sum(len(file.content or b"") for file in workspace.files) / len(workspace.files) / 1e6
    header = ["", "seconds to read", "seconds to send", "peak MiB", "of it for the work"]
    show(f"A digest of {VIOLATIONS:,} violations; a CSV file of {size:,.0f} MB", header, rows)


def _cells(figures: Figures) -> list[str]:
    return [
        f"{figures['reading']:,.1f}",
        f"{figures['seconds'] - figures['reading']:,.1f}",
        f"{figures['peak']:,.0f}",
        f"{figures['peak'] - figures['peak_before']:,.0f}",
    ]


def send(scheduled_time: str) -> Figures:
    import handlers.digest
    import shared.scan

    shared.scan.SECONDS_BETWEEN_REQUESTS = 0
    gather, took = handlers.digest.gather, []

    def timed(*arguments: Any) -> Any:
        started = time.monotonic()
        gathered = gather(*arguments)
        took.append(time.monotonic() - started)
        return gathered

    handlers.digest.gather = timed
    log = StringIO()
    with redirect_stdout(log):
        counts = handlers.digest.lambda_handler({"scheduled_time": scheduled_time}, None)
    assert counts == {"open_violations": VIOLATIONS, "unreadable": 0}, json.dumps(counts)
    return {"reading": took[0]}


if __name__ == "__main__":
    tell(lambda: send(sys.argv[1]))
