"""The extra `demo` of the package: what a local AWS and the stand-ins are made of, and a pipeline doesn't need."""

from importlib.util import find_spec

from local.errors import InputError

MODULES = ("ministack", "starlette", "trustme", "uvicorn")


def require_extra() -> None:
    """Raises InputError where shirase was installed without the extra."""
    if not all(map(find_spec, MODULES)):
        raise InputError(
            "This command needs a local AWS, which isn't installed: in a clone of shirase type make setup, or "
            "pipx install --force '.[demo]'."
        )
