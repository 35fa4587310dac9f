"""The demo, from its deployment to the places to look at."""

import time
from datetime import timedelta

from rich.text import Text

from local.demo import Demo, findings, local_stack, log_folder
from local.root import require_clone
from local.screen import print_heading, screen
from local.slack.site import BUILT_PAGE
from local.stack.events import SampleEvent, sample_events
from local.stack.stack import now
from local.step import step
from local.summary import print_digest_in_short, print_events, print_life
from local.transcript import print_alerts, print_digest
from local.words import said

SLACK_PORT = 8400


def show_demo(*, once: bool, verbose: bool) -> None:
    """Deploy the stack, send it every event and two digests, and tell what happened; then leave it up, or not."""
    require_clone()
    samples = sample_events()
    print("The real stack on this machine, with stand-ins for Slack and Security Hub\n")
    with local_stack(SLACK_PORT, DigestTimezone="UTC") as demo:
        show_page(demo)
        show_alerts(demo, samples, verbose=verbose)
        show_digests(demo, samples, verbose=verbose)
        show_places(demo)
        if once:
            print("\nAll of it ends now, the page too. Without --once (ONCE=1) it stays up.")
        else:
            _wait_for_interrupt()


def show_page(demo: Demo) -> None:
    """Where the channel can be watched, before anything else scrolls by."""
    screen().print(Text.assemble("\n  ➜ Watch the channel:  ", _link(demo)), "", sep="\n")
    if not (BUILT_PAGE / "index.html").is_file():
        print("    The page isn't built yet: `make setup` builds it.\n")


def show_alerts(demo: Demo, samples: list[SampleEvent], *, verbose: bool) -> None:
    """Send every event through rule, queue and function, and tell what became of each, and of one violation."""
    with step(f"{len(samples)} events, one after another"):
        happenings = demo.send(samples)
    with step("The sweep, which closes what was archived and stayed so"):
        demo.stack.sweep(now())
        demo.wait_until_handled()
    if verbose:
        print_alerts(happenings, demo.slack.messages)
    else:
        print_events(happenings)
    print_life(happenings)


def show_digests(demo: Demo, samples: list[SampleEvent], *, verbose: bool) -> None:
    """Let Security Hub hold half of the events' findings and run yesterday's digest, then all, and today's."""
    print_heading("The digest: every open violation, each morning")
    found = findings(samples)
    half = len(found) // 2
    with step("Yesterday's, of half of the findings"):
        yesterday = demo.send_digest(found[:half], now() - timedelta(days=1))
    with step("Today's, of all of them"):
        today = demo.send_digest(found[half:], now())
    if verbose:
        print_digest("Yesterday's digest", yesterday)
        print_digest("Today's digest", today)
    else:
        print()
        print_digest_in_short(today)


def show_places(demo: Demo) -> None:
    print_heading("Where to look")
    screen().print(Text.assemble("  The channel, to try    ", _link(demo)))
    print(f"  The same as JSON       {demo.slack_url}/messages")
    print(f"  The local AWS          {demo.aws.endpoint}, with the keys in {log_folder().name}/stack.json")
    print(f"  Send an event again    make replay STACK={demo.stack.name} EVENT=events/s3_bucket_public.json")
    print(f"  Send a digest          make digest STACK={demo.stack.name}")
    print(f"  The dead letters       make redrive STACK={demo.stack.name}")


def _link(demo: Demo) -> tuple[str, str]:
    return f"{demo.slack_url}/", "bold underline cyan"


def _wait_for_interrupt() -> None:
    print(f"\n{said('Everything stays up until you press Ctrl-C.')}", flush=True)
    while True:
        time.sleep(3600)
