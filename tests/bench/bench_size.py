"""How large the alert function's artifact is, and what each part of it weighs in the zip."""

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipInfo

from tests.bench import artifact
from tests.bench.measuring import show

OURS = ("handlers", "shared")


def main() -> None:
    with TemporaryDirectory() as folder:
        entries = artifact.zipped(artifact.build(Path(folder) / "shipped"))
    parts = {part: [entry for entry in entries if _part(entry) == part] for part in map(_part, entries)}
    rows = [_row(part, parts[part]) for part in sorted(parts, key=lambda part: -_packed(parts[part]))]
    rows.append(_row("all", entries))
    rows.append(_row("of it bytecode", [entry for entry in entries if entry.filename.endswith(".pyc")]))
    show("The artifact", ["", "files", "KB", "KB in the zip"], rows)


def _part(entry: ZipInfo) -> str:
    folder, _, rest = entry.filename.partition("/")
    name = (rest if folder == "__pycache__" else folder).partition(".")[0]
    return "handlers, shared" if name in OURS else name


def _row(name: str, entries: list[ZipInfo]) -> list[str]:
    size = sum(entry.file_size for entry in entries)
    return [name, f"{len(entries):,}", f"{size / 1000:,.0f}", f"{_packed(entries) / 1000:,.0f}"]


def _packed(entries: list[ZipInfo]) -> int:
    return sum(entry.compress_size for entry in entries)
