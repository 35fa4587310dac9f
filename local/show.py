"""The demo, from its deployment to the places to look at."""

import json
import time
from dataclasses import dataclass

from rich.text import Text

from local.clock import utc_now
from local.demo import Demo, Happening, local_stack, log_folder
from local.panel.fresh import fresh
from local.private import write_private
from local.root import require_clone
from local.screen import count_of, padded, print_heading, screen
from local.slack.records import Message
from local.slack.site import BUILT_PAGE
from local.stack.events import EVENTS, Event, SampleEvent, load, sample_events
from local.step import step
from local.story import MORNINGS, between
from local.summary import print_channels, print_digest_in_short, print_events, print_life
from local.transcript import print_alerts, print_digest
from local.words import language, said

SLACK_PORT = 8400
LABEL_COLUMNS = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of each event, and the messages of each digest, the first of them its own and the others replies."""

    happenings: list[Happening]
    digests: list[list[Message]]


def show_demo(*, once: bool, verbose: bool) -> None:
    """Deploy the stack, send it every event and two digests, and tell what happened; then leave it up, or not."""
    require_clone()
    samples = sample_events()
    print(said("The real stack on this machine, with stand-ins for Slack and Security Hub\n"))
    with local_stack(
        SLACK_PORT, tell_address=show_page, has_teams=True, DigestTimezone="UTC", MessageLanguage=language()
    ) as demo:
        story = tell_story(demo, samples)
        show_alerts(story, demo, verbose=verbose)
        show_digests(story, demo, verbose=verbose)
        show_places(demo)
        if once:
            print(said("\nAll of it ends now, the page too. Without --once (ONCE=1) it stays up."))
        else:
            _wait_for_interrupt()


def show_page(address: str) -> None:
    """Where the channel can be watched, before anything else scrolls by."""
    screen().print(Text.assemble(said("\n  ➜ Watch the channel:  "), _link(address)), "", sep="\n")
    if not (BUILT_PAGE / "index.html").is_file():
        print(said("    The page isn't built yet: `make setup` builds it.\n"))


def tell_story(demo: Demo, samples: list[SampleEvent]) -> Story:
    """Send every event through rule, queue and function, and when its morning has come the digest."""
    happenings: list[Happening] = []
    digests: list[list[Message]] = []
    start = None
    for morning in MORNINGS:
        events = between(samples, start, morning)
        with step(f"{count_of(len(events), 'event')} until {morning:%Y-%m-%d %H:%M}, one after another"):
            happenings += demo.send(events)
        with step("The sweep, which closes what was archived and stayed so, and the digest"):
            demo.stack.sweep(morning)
            demo.wait_until_handled()
            digests.append(demo.send_digest(morning))
        start = morning
    events = between(samples, start, None)
    with step(f"{count_of(len(events), 'event')} after that"):
        happenings += demo.send(events)
    return Story(happenings=happenings, digests=digests)


def show_alerts(story: Story, demo: Demo, *, verbose: bool) -> None:
    """Tell what became of each event, and of one violation."""
    if verbose:
        print_alerts(story.happenings, demo.slack)
    else:
        print_events(story.happenings)
    print_channels(demo.slack)
    print_life(story.happenings, demo.slack)


def show_digests(story: Story, demo: Demo, *, verbose: bool) -> None:
    """Tell what the digests say: the last, or each."""
    print_heading("The digest: every open violation, each morning")
    if verbose:
        for morning, digest in zip(MORNINGS, story.digests, strict=True):
            print_digest(f"The digest of {morning:%Y-%m-%d}", digest, demo.slack)
    else:
        print_digest_in_short(story.digests[-1], demo.slack)


def show_places(demo: Demo) -> None:
    print_heading("Where to look")
    console, stack = screen(), f"STACK={demo.stack.name}"
    folder = log_folder()
    environment = f". {folder.name}/env"
    event = folder / "event.json"
    write_private(event, json.dumps(_unseen(), ensure_ascii=False, indent=2))
    places: dict[str, str | tuple[str, str]] = {
        "The channel, to try": _link(f"{demo.slack_url}/"),
        "The same as JSON": f"{demo.slack_url}/messages",
        "The local AWS": said(f"{environment}  (then this shell's AWS CLI and SDKs speak to it)"),
        "Send a new violation": f"make replay {stack} EVENT={folder.name}/{event.name}",
        "Change the routes": f"make routes {stack} FILE=events/routes.yaml",
        "Send a digest": f"make digest {stack}",
        "The dead letters": f"make redrive {stack}",
    }
    for label, place in places.items():
        console.print(Text.assemble(f"  {padded(said(label), LABEL_COLUMNS)}", place), soft_wrap=True)


def _unseen() -> Event:
    """An event that is announced still: the samples have been by now, and would be passed over in silence."""
    (sample,) = load(EVENTS / "s3_bucket_public.json")
    return fresh(sample.event, utc_now())


def _link(address: str) -> tuple[str, str]:
    return address, "bold underline cyan"


def _wait_for_interrupt() -> None:
    print(f"\n{said('Everything stays up until you press Ctrl-C.')}", flush=True)
    while True:
        time.sleep(3600)
