"""Where the tools find the repository's own files: the template, the events, the page."""

from pathlib import Path

from local.errors import InputError

FILES = ("template.yaml", "handlers/alert.py")  # any project of `sam init` has a template and events/


def is_clone(folder: Path) -> bool:
    """Whether a folder is a clone of the repository."""
    return (folder / "events").is_dir() and all((folder / file).is_file() for file in FILES)


def find_root(source: Path, current: Path) -> Path:
    """The clone that holds `source`; if it was installed as a package, the clone around `current`; else `current`."""
    return next((folder for folder in (source, current, *current.parents) if is_clone(folder)), current)


def require_clone() -> None:
    """Raises InputError where there is no clone."""
    if not is_clone(ROOT):
        raise InputError(
            f"{ROOT} is not in a clone of shirase, which this command needs for template.yaml and events/; "
            "change to one and run it there."
        )


ROOT = find_root(Path(__file__).parents[1], Path.cwd())
