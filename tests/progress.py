"""How far a run of many tests has come: their number, then each file as its last test ends, in place of dots."""

from collections import Counter
from collections.abc import Callable, Iterable

import pytest


class Progress:
    """A plugin for runs by pytest-xdist, whose files end in no order; `write_line` puts a line on the terminal."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line = write_line
        self._left: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._total = 0
        self._done = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """Told by each worker, and all of them have the same tests."""
        if not self._total:
            self._left = Counter(map(_file, ids))
            self._total = self._left.total()
            self._write_line(f"{self._total:,} tests in {len(self._left)} files")

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """The category to count it under, and no letter for it."""
        if hasattr(report, "wasxfail"):
            return None
        if report.failed:
            return ("failed" if report.when == "call" else "error"), "", ""
        if report.skipped:
            return "skipped", "", ""
        return ("passed" if report.when == "call" else ""), "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = _file(report.nodeid)
        if report.failed:
            self._failed[file] += 1
            self._write_line(f"FAILED {report.nodeid}")
        if report.when != "teardown":
            return
        self._done += 1
        self._left[file] -= 1
        if not self._left[file]:
            failed = f", {self._failed[file]} failed" if self._failed[file] else ""
            self._write_line(f"{self._done:>7,} of {self._total:,}  {file}{failed}")


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]
