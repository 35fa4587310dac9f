"""Where the tools find the repository's own files: the template, the events, the page."""

from pathlib import Path


def is_clone(folder: Path) -> bool:
    """Whether a folder is a clone of the repository."""
    return (folder / "template.yaml").is_file() and (folder / "events").is_dir()


def find_root(source: Path, current: Path) -> Path:
    """The clone that holds `source`; if it was installed as a package, the clone around `current`; else `current`."""
    return next((folder for folder in (source, current, *current.parents) if is_clone(folder)), current)


ROOT = find_root(Path(__file__).parents[1], Path.cwd())
