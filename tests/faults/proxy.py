"""microburst between the functions and a service: it spoils what it is told to, in the service's own protocol."""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from local.stack import child

START_SECONDS = 20
# An address like 127.0.0.1 names no service; to find that out, microburst reads what botocore knows of all of them,
# which takes each proxy four seconds.
MICROBURST = """
import sys
from microburst.cli import main
from microburst.detection import host
assert host._endpoint_prefix_map
host._endpoint_prefix_map = dict
sys.exit(main())
"""
Rule = dict[str, Any]


class FaultProxy:
    """A running microburst; `url` is what clients speak to."""

    def __init__(self, url: str) -> None:
        self.url = url

    def order(self, *rules: Rule) -> None:
        """Add rules (microburst's README, "Rules")."""
        self._control("PATCH", "rules", list(rules))

    def clear(self) -> None:
        """Let everything pass from now on."""
        self._control("POST", "rules", [])

    @property
    def unmet(self) -> list[Rule]:
        """The rules with a number of times that no request has met yet."""
        fired = {rule["id"] for rule in self._control("GET", "stats")["by_rule"] if rule["fired"]}
        return [rule for rule in self._control("GET", "rules") if rule["id"] not in fired]

    @property
    def injected(self) -> Counter[str]:
        """How many faults of each kind were injected so far."""
        text = urlopen(f"{self.url}/_microburst/metrics").read().decode()
        counted: Counter[str] = Counter()
        for line in text.splitlines():
            if line.startswith("microburst_faults_total"):
                labels, _, number = line.rpartition(" ")
                action = labels.split('action="')[1].split('"')[0]
                counted[re.sub(r":\d+ms$", "", action)] += int(number)
        return counted

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(f"{self.url}/_microburst/{path}", method=method)
        request.data = None if body is None else json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
        with urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def fault_proxy(
    upstream: str, port: int, log_file: Path, credentials: Mapping[str, str] | None = None
) -> Iterator[FaultProxy]:
    """Run microburst on a port, in front of `upstream`, as long as the with-block lasts.

    With `credentials`, as environment variables, it signs every request anew: a signature is good for one address.
    """
    command = [sys.executable, "-c", MICROBURST, "--upstream", upstream, "--port", str(port)]
    command += ["--resign"] if credentials else ["--no-resign"]
    environment = child.environment(credentials or {})
    with log_file.open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            proxy = FaultProxy(f"http://127.0.0.1:{port}")
            _wait_until_up(proxy, process, log_file)
            yield proxy
        finally:
            process.kill()
            process.wait()


def _wait_until_up(proxy: FaultProxy, process: "subprocess.Popen[bytes]", log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(f"{proxy.url}/_microburst/health").close()
            return
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"microburst did not start:\n{log_file.read_text(encoding='utf-8')}") from None
            time.sleep(0.05)
