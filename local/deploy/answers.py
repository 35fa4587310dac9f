"""What was answered to a deployment, kept for the next try in a file that git ignores and SAM reads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from local.private import write_private

# As SAM writes it: Name="value", a quotation mark in it after a backslash (samcli/commands/deploy/guided_config.py).
PARAMETER = re.compile(r'(\w+)=(?:"((?:\\.|[^"\\])*)"|(\S*))')


class Answers:
    """The settings for `sam deploy` in one file, which begins as a copy of another; each is saved as it is given."""

    def __init__(self, file: Path, origin: Path) -> None:
        self._file = file
        if not file.exists():
            write_private(file, origin.read_text(encoding="utf-8"))
        self._document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))

    @property
    def region(self) -> str:
        """The Region that was answered; empty if none was."""
        return str(self._settings.get("region", ""))

    def keep_region(self, region: str) -> None:
        self._settings["region"] = region
        self._save()

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters that were answered."""
        text = self._settings.get("parameter_overrides", "")
        if isinstance(text, Mapping):
            return {str(name): str(value) for name, value in text.items()}
        return _parse(text if isinstance(text, str) else " ".join(text))

    def keep_parameter(self, name: str, value: str) -> None:
        parameters = self.parameters | {name: value}
        self._settings["parameter_overrides"] = " ".join(f"{key}={_quoted(each)}" for key, each in parameters.items())
        self._save()

    @property
    def _settings(self) -> Any:
        place = self._document
        for name in ("default", "deploy", "parameters"):
            place = place.setdefault(name, tomlkit.table())
        return place

    def _save(self) -> None:
        write_private(self._file, tomlkit.dumps(self._document))


def _parse(text: str) -> dict[str, str]:
    found = PARAMETER.finditer(text)
    return {match[1]: match[3] if match[2] is None else match[2].replace('\\"', '"') for match in found}


def _quoted(value: str) -> str:
    return '"{}"'.format(value.replace('"', '\\"'))
