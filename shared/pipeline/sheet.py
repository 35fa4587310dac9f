"""A part of the list of open violations → the CSV files of its digest."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from shared.digest.fate import Absent
from shared.digest.placement import Exemption, Placement, Standing
from shared.digest.section import Section
from shared.digest.status import Change, change_of
from shared.finding.violation import Violation
from shared.finding.violation_json import decode
from shared.pipeline.history import Baseline
from shared.view.csv_file import csv_rows, write_csv
from shared.view.wording import Wording


class Sheets:
    """Writes the files; the channel has a column where routes are in use."""

    def __init__(self, *, wording: Wording, csv_delimiter: str) -> None:
        self._wording = wording
        self._csv_delimiter = csv_delimiter

    def write_open(
        self, section: Section, baseline: Baseline | None, due: datetime, file: Path, *, is_placed: bool
    ) -> Counter[Change]:
        """Write what is open; how many violations have changed in each way."""
        changes = Counter[Change]()

        def rows() -> Iterator[str]:
            for row in section.rows():
                violation = decode(row.content)
                channel = row.placement.channel if row.placement else None
                change = None
                if baseline:
                    change = change_of(violation, row.listed, lists_all=baseline.lists_all, channel=channel)
                if change:
                    changes[change] += 1
                before = row.listed.placement if row.listed else None
                yield self._rows(violation, due, self._status(change, before), row.placement)

        self._write(file, rows(), is_placed=is_placed)
        return changes

    def write_ended(self, absent: Iterable[Absent], due: datetime, file: Path, *, is_placed: bool) -> None:
        """Write what has ended since the last digest, each with the way it did."""
        words = self._wording.fate_words
        ended = (
            self._rows(one.violation, due, words[one.fate], one.placement)
            for one in absent
            if one.fate and one.fate.is_end and one.is_news
        )
        self._write(file, ended, is_placed=is_placed)

    def write_accepted(self, section: Section, exemptions: tuple[Exemption, ...], due: datetime, file: Path) -> None:
        """Write what fails and is accepted, each with why and until when."""
        accepted = (
            self._rows(decode(row.content), due, self._acceptance(row.placement, exemptions), row.placement)
            for row in section.rows(Standing.ACCEPTED)
        )
        self._write(file, accepted, is_placed=True)

    def _status(self, change: Change | None, before: Placement | None) -> str:
        if change is None:
            return ""
        return self._wording.change_words[change].format(channel=before.channel if before else "")

    def _acceptance(self, placement: Placement | None, exemptions: tuple[Exemption, ...]) -> str:
        if placement is None or placement.acceptance is None:
            return ""
        exemption = exemptions[placement.acceptance]
        return self._wording.accepted_status.format(until=exemption.until, reason=exemption.reason)

    def _rows(self, violation: Violation, due: datetime, status: str, placement: Placement | None) -> str:
        return csv_rows(violation, due, status, placement, delimiter=self._csv_delimiter, wording=self._wording)

    def _write(self, file: Path, rows: Iterator[str], *, is_placed: bool) -> None:
        columns = self._wording.columns + self._wording.digest_columns
        if is_placed:
            columns += (self._wording.channel_column,)
        write_csv(file, rows, columns, delimiter=self._csv_delimiter)
