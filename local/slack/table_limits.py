"""What a table block may hold. Source: "Table block", Slack's Block Kit reference."""

from collections.abc import Iterator
from typing import Any

from local.slack import shapes
from local.slack.rich_text_limits import rich_text_length, rich_text_problems
from local.slack.shapes import Problem

TABLE_ROWS = 100
TABLE_CELLS = 20  # in a row
TABLE_COLUMN_SETTINGS = 20
TABLE_LENGTH = 10_000  # characters, over all cells of all tables of a message
TABLES = 1  # in a message

CELLS = ("raw_text", "raw_number", "rich_text")

Object = dict[str, Any]


def table_problems(block: Object, at: str) -> Iterator[Problem]:
    """Problems of {"type": "table", "rows": [[{"type": "raw_text", "text": "S3.1"}, …], …]}."""
    yield from shapes.required(block, at, "rows")
    yield from shapes.items(block.get("rows", [[]]), f"{at}/rows", TABLE_ROWS)
    yield from shapes.items(block.get("column_settings", []), f"{at}/column_settings", TABLE_COLUMN_SETTINGS, least=0)
    for r, row in enumerate(_rows(block)):
        yield from shapes.items(row, f"{at}/rows/{r}", TABLE_CELLS)
        for c, cell in enumerate(row if isinstance(row, list) else []):
            yield from _cell(cell, f"{at}/rows/{r}/{c}")


def _cell(cell: Any, at: str) -> Iterator[Problem]:
    wrong_type = list(shapes.typed(cell, at, CELLS))
    yield from wrong_type
    if not wrong_type and cell["type"] == "rich_text":
        yield from rich_text_problems(cell, at)
    elif not wrong_type:
        yield from shapes.required(cell, at, *(["text", "value"] if cell["type"] == "raw_number" else ["text"]))
        yield from shapes.optional_string(cell, "text", at, TABLE_LENGTH)


def tables_problems(tables: list[tuple[str, Object]]) -> Iterator[Problem]:
    """Problems of all the tables of a message together, each given with its place."""
    if sum(_table_length(block) for _, block in tables) > TABLE_LENGTH:
        yield f"{tables[-1][0]}/rows", f"must be less than {TABLE_LENGTH + 1} characters"
    yield from ((at, "only_one_table_allowed") for at, _ in tables[TABLES:])


def _rows(table: Object) -> list[Any]:
    rows = table.get("rows")
    return rows if isinstance(rows, list) else []


def _table_length(table: Object) -> int:
    cells = [cell for row in _rows(table) if isinstance(row, list) for cell in row if isinstance(cell, dict)]
    return sum(rich_text_length(cell) for cell in cells)
