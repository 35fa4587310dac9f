"""The CSV file as LibreOffice opens it, cell by cell."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.finding.asff import parse_finding
from shared.finding.violation import Violation
from shared.view.csv_file import csv_rows, write_csv
from shared.view.japanese import JAPANESE
from tests.findings import finding, resource

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = JAPANESE.columns + JAPANESE.digest_columns
COMMA, QUOTE, UTF_8, FIRST_LINE = 44, 34, 76, 1
# As a double-click opens it, with numbers recognised; written again as it is shown.
READ = f"CSV:{COMMA},{QUOTE},{UTF_8},{FIRST_LINE}"
WRITE = f"csv:Text - txt - csv (StarCalc):{COMMA},{QUOTE},{UTF_8},{FIRST_LINE},,0,false,true,false,false,false,1"

PATH = os.environ["PATH"]  # before tests of the build narrow it

Cells = dict[str, str]

WILD = {
    "plain": "payroll",
    "Japanese": "給与バケット（本番）が公開されています。～①㈱𠮷🏯",
    "quotes": 'a "quoted" name, with commas; and semicolons',
    "newlines": "first line\nsecond line",
    "formula": "=1+1",
    "command": "=cmd|' /C calc'!A0",
    "plus": "+81-3-1234-5678",
    "minus": "-1",
    "at": "@SUM(1;1)",
    "full-width equals": "＝1+1",
    "leading zeros": "012345678901",
    "long digits": "12345678901234567890",
    "exponent": "1E5",
    "apostrophe": "'quoted",
    "spaces": "  indented  ",
}


def soffice() -> str:
    found = shutil.which("soffice", path=PATH)
    if not found and "CI" not in os.environ:
        pytest.skip("needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc-nogui")
    assert found, "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc-nogui"
    return found


def opened(file: Path, folder: Path) -> list[Cells]:
    """The rows as LibreOffice shows them: through a spreadsheet, and out of it."""
    convert(file, "ods", folder, f"--infilter={READ}")
    convert(file.with_suffix(".ods"), WRITE, folder / "read")
    (result,) = (folder / "read").glob("*.csv")
    return list(csv.DictReader(result.open(encoding="utf-8", newline="")))


def convert(file: Path, to: str, folder: Path, *options: str) -> None:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [soffice(), profile, "--headless", *options, "--convert-to", to, "--outdir", str(folder), str(file)]
    environment = {**os.environ, "PATH": PATH}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)  # noqa: S603
    assert result.returncode == 0, result.stderr


def named(text: str, account: str = "111122223333") -> Violation:
    found = parse_finding(finding(AwsAccountId=account, AwsAccountName=text, Resources=[resource("arn:aws:s3:::logs")]))
    assert found
    return replace(found, title=text or "title")


def write(file: Path, violations: Iterable[Violation]) -> list[Cells]:
    """Write the file; its rows as RFC 4180 has them."""
    write_csv(file, (csv_rows(violation, NOW, "新規") for violation in violations), COLUMNS)
    return list(csv.DictReader(file.open(encoding="utf-8-sig", newline="")))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Cells], list[Cells]]:
    """The rows as written, and as LibreOffice shows them."""
    folder = tmp_path_factory.mktemp("spreadsheet")
    file = folder / "open-violations.csv"
    written = write(file, [*map(named, WILD.values()), named("last", account="000000000012")])
    return written, opened(file, folder)


def test_libreoffice_shows_every_cell_as_it_was_written(both: tuple[list[Cells], list[Cells]]) -> None:
    written, shown = both
    assert len(shown) == len(WILD) + 1
    for before, after in zip(written, shown, strict=True):
        assert after == before


@pytest.mark.parametrize("kind", WILD)
def test_a_text_is_found_whole_in_its_cell(both: tuple[list[Cells], list[Cells]], kind: str) -> None:
    row = both[1][list(WILD).index(kind)]
    assert row["アカウント名"].removeprefix("'") == WILD[kind].removeprefix("'")
    assert row["違反事項"] == row["アカウント名"]


def test_an_account_id_keeps_its_twelve_digits(both: tuple[list[Cells], list[Cells]]) -> None:
    shown = both[1]
    assert {row["アカウントID"] for row in shown[:-1]} == {"111122223333"}
    assert shown[-1]["アカウントID"] == "'000000000012"


def test_the_japanese_headers_are_readable(both: tuple[list[Cells], list[Cells]]) -> None:
    assert tuple(both[1][0]) == COLUMNS
