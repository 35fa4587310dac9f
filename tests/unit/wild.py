"""What nobody should send, for hypothesis to try: any JSON, spoilt events, and violations with hostile texts."""

import json
import os
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st

from shared.errors import MalformedEventError
from shared.finding.asff import parse_finding
from shared.finding.violation import Severity, Violation
from tests.findings import finding, resource, sample, sample_names

EXHAUSTIVE = os.environ.get("FAULTS") == "all"


def examples(many: int, **others: Any) -> settings:
    """Settings of hypothesis beside `others`: so many examples in `make faults`, a third of them in `make test`."""
    return settings(max_examples=many if EXHAUSTIVE else many // 3, **others)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_tricky = st.sampled_from(
    [
        *("<!channel>", "<@U012AB3CD>", "<https://evil.example|click>", "&", "&lt;", "*", "_", "~", "`", "```"),
        *(":tada:", "\n", "\r\n", "\t", " ", "\0", "\x1b[2J", "\u2028", "\u202e", "\u200b", "\ud800", "漢字", "👩‍👩‍👧"),
        *("=1+1", "@", '"', "'", "|", "{severity}", "{0}", "%s", "arn:aws:s3:::", "/", ":*", "a" * 700, "&" * 900),
    ]
)
texts = st.lists(_tricky | st.text(min_size=1, max_size=8), min_size=1, max_size=5).map("".join)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    names = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in names:
        yield (*path, name)
        yield from _paths(node[name], (*path, name))


_SAMPLES = {name: json.dumps(sample(name)) for name in sample_names()}
_NODES = {name: list(_paths(json.loads(text))) for name, text in _SAMPLES.items()}


@st.composite
def spoilt_events(draw: st.DrawFn) -> Any:
    """A real event, in which one or two nodes are missing or hold something else."""
    name = draw(st.sampled_from(sorted(_SAMPLES)))
    event = json.loads(_SAMPLES[name])
    for path in draw(st.lists(st.sampled_from(_NODES[name]), min_size=1, max_size=2)):
        _spoil(event, path, draw)
    return event


def _spoil(event: Any, path: tuple[Any, ...], draw: st.DrawFn) -> None:
    *above, last = path
    owner = event
    for name in above:
        try:
            owner = owner[name]
        except (KeyError, IndexError, TypeError):
            return  # the other change took it away
    try:
        if draw(st.booleans()):
            del owner[last]
        else:
            owner[last] = draw(json_values | texts)
    except (KeyError, IndexError, TypeError):
        return


@st.composite
def violations(draw: st.DrawFn, status: str | None = None) -> Violation:
    """A violation that parse_finding makes of a finding with wild texts."""
    try:
        parsed = parse_finding(
            finding(
                Id=draw(texts),
                Title=draw(texts),
                Region=draw(texts),
                AwsAccountId=draw(texts),
                AwsAccountName=draw(texts),
                Resources=[
                    resource(resource_id, Tags={"Name": draw(texts)})
                    for resource_id in draw(st.lists(texts, min_size=1, max_size=5))
                ],
                FirstObservedAt=draw(st.datetimes()).isoformat(),
                **{
                    "Compliance.Status": status or "FAILED",
                    "Compliance.SecurityControlId": draw(texts),
                    "Compliance.AssociatedStandards": [
                        {"StandardsId": standard} for standard in draw(st.lists(texts, max_size=20))
                    ],
                    "ProductFields.aws/securityhub/annotation": draw(texts),
                    "Remediation.Recommendation.Url": "https://" + draw(texts),
                    "Note": {"Text": draw(texts)},
                    "Severity.Label": draw(st.sampled_from(list(Severity.__members__))),
                },
            )
        )
    except MalformedEventError:
        assume(False)
    assert parsed is not None
    return parsed
