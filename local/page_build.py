"""The demo's page, built from local/page with the Node that is installed beside this Python."""

import sys
from collections.abc import Iterable
from pathlib import Path

from local.node import install_packages, is_outdated, run_npm
from local.root import ROOT
from local.step import StepError

PAGE = ROOT / "local" / "page"
SOURCES = ("index.html", "vite.config.ts", "tsconfig.json", "src", "public")


def build_page(page: Path = PAGE) -> None:
    """Install the page's packages and build it, each only if something that it is made from has changed since.

    Raises StepError if that fails.
    """
    built = page / "dist" / ".built"
    modules = install_packages("Packages of the page", page)
    if is_outdated(built, [modules, *_files(page)]):
        run_npm("The page", page, "run", "build", "--", "--logLevel", "warn")
        built.touch()


def main() -> int:
    """Build the page; 0 if it is built, 2 if it can't be."""
    try:
        build_page()
    except StepError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _files(page: Path) -> Iterable[Path]:
    """What the page is made from; the folders too, for a file that was removed changes nothing else."""
    for source in (page / name for name in SOURCES):
        yield source
        yield from source.rglob("*")


if __name__ == "__main__":
    sys.exit(main())
