"""What a file of routes holds, in a few lines, and what a second look may be good for."""

from collections.abc import Iterator
from datetime import date

from local.routes.yaml_file import RoutesFile
from local.words import said
from shared.policy.owner import SourceKind
from shared.text import excerpt


def summary(file: RoutesFile, today: date) -> Iterator[str]:
    """The lines to print."""
    routes = file.routes
    yield said(f"{excerpt(file.name)} is valid.")
    dropping = sum(route.channel is None for route in routes.routing.routes)
    accounts = sum(len(source.accounts or {}) for source in routes.sources if source.kind is SourceKind.ACCOUNT)
    in_force = sum(today <= one.until for one in routes.acceptances)
    yield "  " + said(f"owners {len(routes.owners)}, accounts with an owner {accounts}")
    yield "  " + said(f"routes {len(routes.routing.routes)}, of which {dropping} drop")
    yield "  " + said(f"exceptions in force {in_force}")
    yield "  " + said(f"channels {len(routes.channels)}: {excerpt(', '.join(routes.channels))}")


def notes(file: RoutesFile, today: date) -> Iterator[str]:
    """What is no mistake, and may be none the less worth a word."""
    for number, route in enumerate(file.routes.routing.routes):
        place = ("routes", number)
        if route.channel is None and (*place, "reason") not in file.parsed.lines:
            yield f"{file.name}:{file.parsed.line(place)}: routes[{number}] drops without a reason."
    for number, one in enumerate(file.routes.acceptances):
        if one.until < today:
            line = file.parsed.line(("exceptions", number, "until"))
            yield f"{file.name}:{line}: exceptions[{number}] ended on {one.until}: what it accepted is told again."
