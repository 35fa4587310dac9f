"""The CSV file as LibreOffice opens it, cell by cell."""

import csv
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.finding.asff import parse_finding
from shared.finding.violation import Violation
from shared.view.csv_file import csv_rows, write_csv
from shared.view.japanese import JAPANESE
from tests.findings import finding, resource
from tests.spreadsheet_texts import CONVERTED, HARMLESS

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = JAPANESE.columns + JAPANESE.digest_columns
QUOTE, UTF_8, FIRST_LINE = 34, 76, 1
# Written again as it is shown.
WRITE = f"csv:Text - txt - csv (StarCalc):44,{QUOTE},{UTF_8},{FIRST_LINE},,0,false,true,false,false,false,1"

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
    "apostrophe": "'quoted",
    "spaces": "  indented  ",
}


TEXTS = [*WILD.values(), *CONVERTED, *HARMLESS]
FORMULAS = [WILD[name] for name in ("formula", "command", "at", "full-width equals")] + ["-", "+", "=1"]
WRAPPINGS = [
    (before, after)
    for before in (";", "\t", "|", "\n", "\r\n", ",", "; ", ';"', ";+")
    for after in ("", ";", "|", '&"')
]
LAST_ACCOUNT = "000000000012"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A file's delimiter, and how LibreOffice opens it: numbers, dates and times recognised, as a language has them."""

    delimiter: str
    separators: str  # their character codes
    language: int  # Windows' number of it
    evaluates_formulas: bool

    @property
    def filter(self) -> str:
        evaluates = str(self.evaluates_formulas).lower()
        form = f"{self.separators},{QUOTE},{UTF_8},{FIRST_LINE},,{self.language}"
        return f"CSV:{form},false,true,false,false,false,0,{evaluates}"


OPENINGS = {
    "English": Opening(delimiter=",", separators="44", language=1033, evaluates_formulas=True),
    # What LibreOffice's dialog offers by itself: comma, semicolon and tab, and no formulas.
    "Japanese": Opening(delimiter=",", separators="44/59/9", language=1041, evaluates_formulas=False),
    "German": Opening(delimiter=";", separators="59", language=1031, evaluates_formulas=True),
}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    shown: list[Cells]
    kinds: list[list[str]]  # of each row's cells that are not empty: string, float, date …


def soffice() -> str:
    found = shutil.which("soffice", path=PATH)
    if not found and "CI" not in os.environ:
        pytest.skip("needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc-nogui")
    assert found, "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc-nogui"
    return found


def opened(files: dict[str, Path], folder: Path, outcome: Path) -> dict[str, Sheet]:
    """The rows as LibreOffice shows them, by the way of opening: through a spreadsheet, and out of it."""
    for name, file in files.items():
        convert([file], "fods", folder, f"--infilter={OPENINGS[name].filter}")
    spreadsheets = {name: file.with_suffix(".fods") for name, file in files.items()}
    convert(spreadsheets.values(), WRITE, outcome)  # all at one start, which takes longer than they do
    return {name: read(spreadsheet, outcome) for name, spreadsheet in spreadsheets.items()}


def read(spreadsheet: Path, folder: Path) -> Sheet:
    (result,) = folder.glob(f"{spreadsheet.stem}*.csv")
    rows = re.findall(r"<table:table-row.*?</table:table-row>", spreadsheet.read_text(encoding="utf-8"), re.DOTALL)
    return Sheet(
        shown=list(csv.DictReader(result.open(encoding="utf-8", newline=""))),
        kinds=[re.findall(r'office:value-type="(\w+)"', row) for row in rows[1:]],
    )


def formulas_in(file: Path, folder: Path, separators: str) -> list[str]:
    """What LibreOffice takes for formulas where it splits lines at these characters."""
    form = f"{separators},{QUOTE},{UTF_8},{FIRST_LINE},,1033"
    convert([file], "fods", folder, f"--infilter=CSV:{form},false,true,false,false,false,0,true")
    return re.findall(r'table:formula="([^"]*)"', file.with_suffix(".fods").read_text(encoding="utf-8"))


def convert(files: Iterable[Path], to: str, folder: Path, *options: str) -> None:
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"  # one for all tests: to make it takes seconds
    to_folder = ["--convert-to", to, "--outdir", folder]
    command = [soffice(), profile, "--headless", *options, *to_folder, *files]
    environment = {**os.environ, "PATH": PATH}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert result.returncode == 0, result.stderr


def named(text: str, account: str = "111122223333") -> Violation:
    found = parse_finding(finding(AwsAccountId=account, AwsAccountName=text, Resources=[resource("arn:aws:s3:::logs")]))
    assert found
    return replace(found, title=text or "title")


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sheet]:
    folder = tmp_path_factory.mktemp("spreadsheet")
    listed = [*map(named, TEXTS), named("last", account=LAST_ACCOUNT)]
    files = {name: folder / f"{name}.csv" for name in OPENINGS}
    for name, file in files.items():
        delimiter = OPENINGS[name].delimiter
        rows = (csv_rows(violation, NOW, "新規", delimiter=delimiter) for violation in listed)
        write_csv(file, rows, COLUMNS, delimiter=delimiter)
    return opened(files, folder, tmp_path_factory.mktemp("shown"))


@pytest.fixture(params=OPENINGS)
def sheet(request: pytest.FixtureRequest, sheets: dict[str, Sheet]) -> Sheet:
    return sheets[request.param]


# Semicolon, tab and bar; the file of a team whose spreadsheets have the semicolon is split at commas elsewhere.
@pytest.mark.parametrize(("delimiter", "separators"), [(",", "59/9/124"), (";", "44/9/124")])
def test_no_formula_begins_in_a_cell_where_lines_are_split_at_other_characters(
    tmp_path: Path, delimiter: str, separators: str
) -> None:
    formulas = [f"role{before}={number}+1{after}" for number, (before, after) in enumerate(WRAPPINGS)]
    rows = [csv_rows(named(text), NOW, "新規", delimiter=delimiter) for text in [*formulas, *"ab"]]
    file = tmp_path / "open-violations.csv"
    write_csv(file, rows, COLUMNS, delimiter=delimiter)
    assert formulas_in(file, tmp_path, separators) == []


def test_every_text_is_shown_as_it_is_written(sheet: Sheet) -> None:
    shown = [f"'{text}" if text in FORMULAS else text for text in TEXTS]
    assert [row["アカウント名"] for row in sheet.shown[:-1]] == shown
    assert [row["違反事項"] for row in sheet.shown[:-1]] == [text or "title" for text in shown]


def test_the_cells_beside_it_are_what_was_written(sheet: Sheet) -> None:
    (others,) = {
        tuple(cell for name, cell in row.items() if name not in {"アカウント名", "違反事項"})
        for row in sheet.shown[:-1]
    }
    assert others == (
        *("logs", "S3.8", "HIGH", "arn:aws:s3:::logs", "111122223333", "eu-west-1", "2026-11-20T01:02:03+00:00", "2"),
        *("NEW", "AWS Foundational Security Best Practices v1.0.0"),
        "https://docs.aws.amazon.com/console/securityhub/S3.8/remediation",
        "arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/8d0b1f6e",
        *("新規", ""),
    )


def test_an_account_id_keeps_its_twelve_digits(sheet: Sheet) -> None:
    assert sheet.shown[-1]["アカウントID"] == LAST_ACCOUNT


def test_the_days_open_are_a_number_and_all_else_is_text(sheet: Sheet) -> None:
    *texts, days, workflow, standards, fix, finding_id, status = sheet.kinds[-1]
    assert days == "float"
    assert {*texts, workflow, standards, fix, finding_id, status} == {"string"}


def test_the_japanese_headers_are_readable(sheet: Sheet) -> None:
    assert tuple(sheet.shown[0]) == COLUMNS
