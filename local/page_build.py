"""The demo's page, built from local/page with the Node that is installed beside this Python."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from local.root import ROOT
from local.step import StepError, run_step

PAGE = ROOT / "local" / "page"
SOURCES = ("index.html", "vite.config.ts", "tsconfig.json", "src", "public")
# npm waits for minutes before it says that there is no network.
INSTALL = (
    "ci",
    "--prefer-offline",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)


def build_page(page: Path = PAGE) -> None:
    """Install the page's packages and build it, each only if something that it is made from has changed since.

    Raises StepError if that fails.
    """
    modules, built = page / "node_modules" / ".installed", page / "dist" / ".built"
    if _outdated(modules, [page / "package.json", page / "package-lock.json"]):
        _npm("Packages of the page", page, *INSTALL)
        modules.touch()
    if _outdated(built, [modules, *_files(page)]):
        _npm("The page", page, "run", "build", "--", "--logLevel", "warn")
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


def _outdated(target: Path, sources: Iterable[Path]) -> bool:
    return not target.exists() or any(source.stat().st_mtime > target.stat().st_mtime for source in sources)


def _files(page: Path) -> Iterable[Path]:
    """What the page is made from; the folders too, for a file that was removed changes nothing else."""
    for source in (page / name for name in SOURCES):
        yield source
        yield from source.rglob("*")


def _npm(name: str, page: Path, *arguments: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    run_step(name, ["npm", *arguments], folder=page, environment=environment)


if __name__ == "__main__":
    sys.exit(main())
