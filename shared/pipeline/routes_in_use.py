"""The routes by which violations go now: the file's, as long as it is good."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from shared.aws.settings import SettingsFile, SettingsVersion
from shared.errors import RoutesError, SettingsError
from shared.policy.routes import Routes
from shared.telemetry import Telemetry, trace_of
from shared.text import excerpt, without_emails

READ_EVERY = timedelta(seconds=60)
# Whoever has no routes yet, and couldn't read any, tries again sooner: what is told meanwhile goes to SlackChannel.
TRY_AGAIN_AFTER = timedelta(seconds=10)
MOST_PROBLEMS = 100  # of a file, in one line of the log


class RoutesInUse:
    """Reads the file now and then; `parse` raises RoutesError. While it is refused the last good one stays in use,
    which a process that has seen none looks for among its earlier versions; each read of a refused one counts as
    SettingsRefused, so that the alarm lasts."""

    def __init__(self, *, file: SettingsFile | None, parse: Callable[[object], Routes], telemetry: Telemetry) -> None:
        self._file = file
        self._parse = parse
        self._telemetry = telemetry
        self._read_at: datetime | None = None
        self._version = SettingsVersion()
        self._routes: Routes | None = None
        self._problems: tuple[str, ...] = ()

    def read(self, now: datetime) -> Routes | None:
        """The routes in use, None if there are none; it never raises."""
        pause = TRY_AGAIN_AFTER if self._problems and not self._routes else READ_EVERY
        if self._file and (self._read_at is None or abs(now - self._read_at) >= pause):
            self._read_at = now
            problems = self._refresh(self._file)
            if problems and self._version and not self._routes:
                self._routes = self._last_good(self._file)
            self._tell(problems)
        return self._routes

    def _refresh(self, file: SettingsFile) -> tuple[str, ...]:
        """Take over what the file says; what is wrong with it."""
        try:
            version = file.read(self._version)
            if version != self._version or self._problems:
                self._version = version
                self._routes = self._parse(version.document) if version else None
                self._telemetry.log.info("routes read" if version else "no routes", extra={"version": version.tag})
        except SettingsError as error:
            return (str(error),)
        except RoutesError as error:
            return error.problems
        except Exception as error:  # noqa: BLE001 - whatever a file makes its reader do, no alert is lost over it
            return (f"the routes can't be read: {trace_of(error)}",)
        return ()

    def _last_good(self, file: SettingsFile) -> Routes | None:
        try:
            for version in file.earlier():
                with suppress(SettingsError, RoutesError):
                    return self._parse(version.document)
        except Exception as error:  # noqa: BLE001 - as above: without, all goes to SlackChannel
            self._telemetry.log.warning("earlier routes not read", extra={"why": excerpt(error)})
        return None

    def _tell(self, problems: tuple[str, ...]) -> None:
        if problems:
            self._telemetry.count("SettingsRefused")
        if problems and problems != self._problems:
            in_use = "the last good ones" if self._routes else "none: all goes to SlackChannel"
            told = {
                "problems": [excerpt(without_emails(problem)) for problem in problems[:MOST_PROBLEMS]],
                "count": len(problems),
            }
            self._telemetry.log.error("routes refused", extra={**told, "routes_in_use": in_use})
        self._problems = problems
