# ruff: noqa: E501 - a sentence a line is easier to compare
"""The file of the routes: read whole, or refused with everything that is wrong with it, and where."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import RoutesError
from shared.finding.account import Account
from shared.finding.tag import OWNER_TAGS
from shared.finding.violation import Severity, Violation
from shared.policy.owner import Person, Ring, SourceKind
from shared.policy.route import OWNER
from shared.policy.route_file import parse_routes
from shared.policy.routes import Routes
from shared.policy.selection import Policy
from tests.findings import violation
from tests.unit.wild import json_values

Document = dict[str, Any]
CHANNEL = "C0123456789"
LEAST: Document = {"version": 1, "default": {"channel": CHANNEL}}
TEAM: Document = {"owners": {"team-a": {"group": "S0123456789"}}}
SETTINGS = Policy(target_control_ids=("S3.*",), min_severity=Severity.LOW)


def refused(document: object) -> RoutesError:
    with pytest.raises(RoutesError) as told:
        parse_routes(document)
    assert told.value.problems
    assert len(told.value.places) == len(told.value.problems)
    return told.value


def problems(changes: Document) -> list[str]:
    """What is told of the least document with these changes."""
    return list(refused({**LEAST, **changes}).problems)


def of_route(**route: object) -> list[str]:
    return problems({**TEAM, "routes": [{"channel": CHANNEL, **route}]})


def of_exception(**exception: object) -> list[str]:
    return problems({"exceptions": [{"reason": "a website", "until": "2027-03-31", **exception}]})


def parsed(**changes: object) -> Routes:
    return parse_routes({**LEAST, **changes})


def test_the_least_file_sends_everything_to_one_channel_and_mentions_nobody() -> None:
    routes = parsed()
    assert routes.channels == (CHANNEL,)
    assert [(source.kind, source.keys) for source in routes.sources] == [(SourceKind.TAG, OWNER_TAGS)]
    assert (routes.routing.mention.min_severity, routes.routing.mention.most) == (Severity.HIGH, 3)
    assert routes.policy(SETTINGS, date(2026, 11, 26)) == SETTINGS
    assert not routes.digests_by_channel


def test_everything_that_can_be_said_is_read() -> None:
    routes = parsed(
        **TEAM,
        find_owner=[{"tag": "cost-centre"}, {"account": {"111122223333": "TEAM-A"}}, {"default": "team-a"}],
        routes=[
            {"control": "IAM.*", "severity": ["high", "CRITICAL"], "account": "1111*", "channel": "G01234567"},
            {"resource": "arn:aws:s3:::test-*", "account_tag": {"env": "dev"}, "drop": True, "reason": "a test"},
            {"owner": "*@example.com", "ou": ["r-ab12"], "channel": OWNER, "mention": ["W0123"], "also": "C09"},
        ],
        select={"controls": ["S3.1", "S3.2"], "min_severity": "medium"},
        exceptions=[{"control": "S3.8", "tag": {"public": "yes"}, "reason": "a website", "until": "2027-03-31"}],
        mention={"min_severity": "LOW", "most": 1},
        digest={"channels": True},
        source="version: 1",
    )
    assert routes.channels == (CHANNEL, "G01234567", "C09")
    assert routes.sources[1].accounts == {"111122223333": "team-a"}
    first, second, third = routes.routing.routes
    assert first.condition.severities == {Severity.HIGH, Severity.CRITICAL}
    assert (second.channel, second.reason) == (None, "a test")
    assert (third.channel, third.mentions, third.also) == (OWNER, ("W0123",), ("C09",))
    policy = routes.policy(SETTINGS, date(2027, 3, 31))
    assert (policy.target_control_ids, policy.min_severity) == (("S3.1", "S3.2"), Severity.MEDIUM)
    assert [one.reason for one in policy.acceptances] == ["a website"]
    assert routes.policy(SETTINGS, date(2027, 4, 1)).acceptances == ()
    assert routes.digests_by_channel
    assert routes.asks_organization


def test_a_drop_without_a_reason_says_which_line_it_was() -> None:
    [route] = parsed(routes=[{"control": "S3.8", "drop": True}]).routing.routes
    assert route.reason == "routes[0] drops it"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (None, ["the file is empty: write keys and values"]),
        ([], ["the file is a list: write keys and values"]),
        ("xoxb-1", ["the file is a Slack token, not shown here: write keys and values"]),
        ({"default": {"channel": CHANNEL}}, ["version is missing: write version: 1"]),
        ({"version": 2, "default": {"channel": CHANNEL}}, ["version is the number 2: write 1, the only one there is"]),
        ({"version": True, "default": {"channel": CHANNEL}}, ["version is true: write 1, the only one there is"]),
        ({"version": 1}, ["default.channel is missing: what no route matches needs a place"]),
        ({"version": 1, "default": None}, ["default is empty: write keys and values"]),
        ({"version": 1, "default": {"channel": 10**5000}}, ["default.channel is the number with too many digits; write it in quotes"]),
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(document: object, told: list[str]) -> None:
    assert list(refused(document).problems) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"route": []}, "route is no part of the file; did you mean routes?"),
        ({"src": []}, "src is no part of the file"),
        ({"qqq": []}, "qqq is no part of the file"),
        ({7: []}, "[7] is no part of the file"),
        ({"routes": {}}, "routes is keys and values: write a list"),
        ({"routes": None}, "routes is empty: write a list"),
        ({"routes": [3]}, "routes[0] is the number 3: write keys and values"),
        ({"routes": [{"control": "S3.1"}]}, "routes[0] leads nowhere: give it a channel, or drop: true"),
        ({"routes": [{"drop": False}]}, "routes[0].drop is false: write true, and why as reason, or leave it out"),
        ({"routes": [{"drop": "noise"}]}, "routes[0].drop is 'noise': write true, and why as reason, or leave it out"),
        ({"routes": [{"drop": True, "reason": " "}]}, "routes[0].reason is empty: write a text, or leave it out"),
        ({"routes": [{"drop": True, "mention": []}]}, "routes[0].mention stands beside drop: a route drops or leads somewhere, not both"),
        ({"routes": [{"drop": True, "channel": "C01"}]}, "routes[0].channel stands beside drop: a route drops or leads somewhere, not both"),
        ({"default": {"channel": OWNER}}, "default.channel is 'owner': give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack"),
        ({"default": {"channel": CHANNEL, "mention": []}}, "default.mention is nothing that the default can have"),
        ({"mention": {"most": -1}}, "mention.most is the number -1: write a whole number from 0 to 20"),
        ({"mention": {"most": "3"}}, "mention.most is '3': write a whole number from 0 to 20"),
        ({"mention": {"most": True}}, "mention.most is true: write a whole number from 0 to 20"),
        ({"mention": {"minimum": "HIGH"}}, "mention.minimum is no rule for mentions"),
        ({"digest": {"channels": "yes"}}, "digest.channels is 'yes': write true or false"),
        ({"digest": {"channel": True}}, "digest.channel is nothing that a digest can do; did you mean channels?"),
        ({"select": {"controls": "S3"}}, "select.controls is 'S3': that can match no control; write control ids such as S3.1, or IAM.*, or *"),
        ({"select": {"controls": []}}, "select.controls is empty: name at least one"),
        ({"select": {"control": "S3.1"}}, "select.control is nothing to select by; did you mean controls?"),
        ({"owners": []}, "owners is a list: write keys and values"),
        ({"owners": {"a": {}}}, "owners.a names nobody: give it a group, a user, an email or a channel"),
        ({"owners": {"a": {"grup": "S01"}}}, "owners.a.grup is nothing that an owner has; did you mean group?"),
        ({"owners": {"a": {"group": "@team-a"}}}, "owners.a.group is '@team-a': give the ID of a user group such as S0123456789, not its handle"),
        ({"owners": {"a": {"user": "hana"}}}, "owners.a.user is 'hana': give a member ID such as U0123456789, found in the person's profile"),
        ({"owners": {"a": {"email": "a@b.example, c@d.example"}}}, "owners.a.email is 'a@b.example, c@d.example': give one e-mail address"),
        ({"owners": {"a": {"channel": "#team"}}}, "owners.a.channel is '#team': give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack"),
        ({"owners": {"a": {"group": "S01", "user": "U01"}}}, "owners.a.user stands beside a group, which alone would be mentioned: leave one of the two out"),
        ({"owners": {"Team-A": {"group": "S01"}, "team-a": {"group": "S02"}}}, "owners.team-a is the same as owners.Team-A: case doesn't matter"),
        ({"owners": {"a": {"email": "X@b.example"}, "b": {"email": "x@b.example"}}}, "owners.b.email is the same as owners.a.email: case doesn't matter"),
        ({"owners": {"a, b": {"group": "S01"}}}, "owners['a, b'] can't be an owner's name: it is \"owner\", or has one of , ; < > *"),
        ({"owners": {"owner": {"group": "S01"}}}, "owners.owner can't be an owner's name: it is \"owner\", or has one of , ; < > *"),
        ({"owners": {1234: {"group": "S01"}}}, "owners[1234] is the number 1234; write it in quotes"),
        ({"owners": {"\x1b[2J": {"group": "S01"}}}, "owners['\\x1b[2J'] is '\\x1b[2J': it has characters that can't be seen"),
        ({"owners": {"a": {"channel": "C" * 501}}}, "owners.a.channel has 501 characters: 500 are the most"),
        ({"find_owner": [{"tags": "owner"}]}, "find_owner[0].tags is no place to look for an owner; did you mean tag?"),
        ({"find_owner": [{"tag": "owner", "default": "a"}]}, "find_owner[0] asks 2 places: write one of tag, account_tag, account, default in each entry of the list"),
        ({"find_owner": [{"tag": []}]}, "find_owner[0].tag is empty: name at least one"),
        ({"find_owner": [{"default": "team-b"}]}, "find_owner[0].default is 'team-b': owners has nobody of this name; did you mean team-a?"),
        ({"find_owner": [{"account": {"111122223333": "nobody"}}]}, "find_owner[0].account.111122223333 is 'nobody': owners has nobody of this name"),
        ({"find_owner": [{"account": {111122223333: "team-a"}}]}, "find_owner[0].account[111122223333] is the number 111122223333; write it in quotes"),
        ({"find_owner": [{"account": {"1111": "team-a"}}]}, "find_owner[0].account.1111 is no account: write its 12 digits, in quotes"),
        ({"find_owner": [{"default": "team-a"}, {"tag": "owner"}]}, "find_owner[1] is never asked: the default before it always names somebody"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_told_with_what_can(changes: Document, told: str) -> None:
    assert problems({**TEAM, **changes}) == [told]


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ({"severty": "HIGH"}, "severty is no condition; did you mean severity?"),
        ({"severity": "HIHG"}, ".severity is 'HIHG': give one of INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL; did you mean HIGH?"),
        ({"severity": "LOW", "min_severity": "HIGH"}, ".severity is below min_severity: nothing is both"),
        ({"severity": []}, ".severity is empty: name at least one"),
        ({"account": 111122223333}, ".account is the number 111122223333; write it in quotes"),
        ({"account": "11112222333"}, ".account is '11112222333': write an account's 12 digits, or 1234*, in quotes"),
        ({"account": ["*", "1111222233334*"]}, ".account[1] is '1111222233334*': write an account's 12 digits, or 1234*, in quotes"),
        ({"region": "eu west"}, ".region is 'eu west': write a Region such as eu-west-1, or eu-*"),
        ({"ou": "Sandbox"}, ".ou is 'Sandbox': give the id of an organizational unit such as ou-ab12-34567890, not its name"),
        ({"tag": {}}, ".tag is empty: name at least one"),
        ({"tag": "env"}, ".tag is 'env': write keys and values"),
        ({"tag": {"env": True}}, ".tag.env is true: write a text"),
        ({"tag": {"cost": 12}}, ".tag.cost is the number 12; write it in quotes"),
        ({"owner": "team-b"}, ".owner is 'team-b': owners has nobody of this name; did you mean team-a?"),
        ({"channel": "#security"}, ".channel is '#security': give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack"),
        ({"channel": ["C01", "C02"]}, ".channel is a list: write a text"),
        ({"mention": "@here"}, ".mention is '@here': write owner, here, channel, or the ID of a user group (S…) or user (U…); did you mean here?"),
        ({"also": ["C01", "general"]}, ".also[1] is 'general': give a channel ID such as C0123456789, found at the bottom of the channel's details in Slack"),
        ({"reason": "noise"}, ".reason says why a route drops: write drop: true beside it, or leave it out"),
    ],
)  # fmt: skip
def test_a_route_that_can_not_be_meant_is_told(route: Document, told: str) -> None:
    assert of_route(**route) == [f"routes[0]{told}" if told.startswith(".") else f"routes[0].{told}"]


@pytest.mark.parametrize(
    ("exception", "told"),
    [
        ({}, "[0] accepts everything: ask for at least one of control, account, region, resource, tag"),
        ({"control": "S3.8", "until": "31.03.2027"}, "[0].until is '31.03.2027': write a day as 2027-03-31"),
        ({"control": "S3.8", "until": "20270331"}, "[0].until is '20270331': write a day as 2027-03-31"),
        ({"control": "S3.8", "until": "2027-02-30"}, "[0].until is '2027-02-30': write a day as 2027-03-31"),
        ({"control": "S3.8", "reason": ""}, "[0].reason is empty: write a text, or leave it out"),
        ({"control": "S3.8", "severity": "LOW"}, "[0].severity is no condition"),
    ],
)
def test_an_exception_that_can_not_be_meant_is_told(exception: Document, told: str) -> None:
    assert of_exception(**exception) == [f"exceptions{told}"]


def test_an_exception_needs_both_words() -> None:
    assert problems({"exceptions": [{"control": "S3.8"}]}) == [
        "exceptions[0].reason is missing: say why this is accepted",
        "exceptions[0].until is missing: say to which day this is accepted, as 2027-03-31",
    ]


def test_all_problems_are_told_at_once_each_with_its_place() -> None:
    with pytest.raises(RoutesError) as told:
        parse_routes({"version": 1, "routes": [{"severty": "HIGH", "channel": "#x"}, {"account": 12}]})
    assert told.value.places == (
        ("routes", 0, "severty"),
        ("routes", 0, "channel"),
        ("routes", 1, "account"),
        ("routes", 1),
        ("default", "channel"),
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {"control": "S3.1"}),
        ({"control": "*"}, {}),
        ({"control": "S3.*"}, {"control": ["s3.1", "S3.2*"]}),
        ({"severity": ["HIGH", "CRITICAL"]}, {"min_severity": "HIGH"}),
        ({"min_severity": "LOW"}, {"severity": "HIGH", "account": "111122223333"}),
        ({"ou": ["ou-ab12-34567890", "r-ab12"]}, {"ou": "r-ab12"}),
        ({"tag": {"Cost-Centre": "1*"}}, {"tag": {"costcentre": ["12", "13"], "env": "x"}}),
        ({"owner": "*"}, {"owner": "team-a"}),
        ({"resource": ["arn:*", "i-*"]}, {"resource": "arn:aws:s3:::*"}),
    ],
)
def test_a_route_that_is_never_reached_is_refused(earlier: Document, later: Document) -> None:
    listed = [{**earlier, "channel": "C01"}, {**later, "channel": "C02"}]
    assert problems({**TEAM, "routes": listed}) == ["routes[1] is never reached: routes[0] matches all that it does"]
    assert problems({**TEAM, "routes": [listed[0], {**later, "channel": OWNER}]})
    parsed(**TEAM, routes=[{**earlier, "channel": OWNER}, listed[1]])  # it goes on where the owner has no channel


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"control": "S3.1"}, {}),
        ({"control": "S3.1*"}, {"control": "S3.*"}),
        ({"owner": "*"}, {}),
        ({"tag": {"env": "*"}}, {"control": "S3.1"}),
        ({"severity": "HIGH"}, {"min_severity": "HIGH"}),
        ({"ou": "r-ab12"}, {"account": "111122223333"}),
        ({"control": "S3.*", "region": "eu-*"}, {"control": "S3.1"}),
    ],
)
def test_a_route_that_something_reaches_is_taken(earlier: Document, later: Document) -> None:
    parsed(**TEAM, routes=[{**earlier, "channel": "C01"}, {**later, "channel": "C02"}])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"routes": [{"channel": CHANNEL}] * 201}, "routes has 201 entries: 200 are the most"),
        ({"owners": {str(number): {"group": "S01"} for number in range(2001)}}, "owners has 2001 entries: 2000 are the most"),
        ({"exceptions": [{}] * 1001}, "exceptions has 1001 entries: 1000 are the most"),
        ({"routes": [{"control": ["S3.1"] * 3000, "region": ["a"] * 2001, "channel": "C01"}]}, "routes[0].region has 2001 entries: 2000 are the most"),
        ({**TEAM, "find_owner": [{"account": {f"{number:012}": "team-a" for number in range(5001)}}]}, "find_owner[0].account has 5001 entries: 5000 are the most"),
    ],
)  # fmt: skip
def test_there_are_limits(changes: Document, told: str) -> None:
    assert problems(changes) == [told]


# Words that a file has, so that a made-up one is right in part.
_words = st.sampled_from(
    [
        *("*", "S3.1", "IAM.*", "HIGH", "low", "111122223333", "1111*", "eu-*", "r-ab12", "C0123", "S0123", "U0123"),
        *("owner", "here", "team-a", "a@b.example", "2027-03-31", True, 1, None, "", "\ud800"),
    ]
)
_keys = st.sampled_from(
    [
        *(
            "version",
            "owners",
            "find_owner",
            "routes",
            "select",
            "exceptions",
            "default",
            "mention",
            "digest",
            "source",
        ),
        *("control", "severity", "min_severity", "account", "region", "ou", "resource", "tag", "account_tag", "owner"),
        *("channel", "drop", "reason", "also", "until", "group", "user", "email", "most"),
    ]
)
_documents = st.recursive(
    _words | json_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys | st.integers(), inner, max_size=5),
    max_leaves=15,
)


@settings(max_examples=40)
@given(_documents, st.dictionaries(_keys, _documents, max_size=5))
def test_any_document_is_either_read_or_refused_with_places(document: object, changes: Document) -> None:
    for one in (document, {**LEAST, **changes}):
        before = repr(one)
        if (error := error_of(one)) is None:
            assert parse_routes(one).channels
        else:
            assert len(error.problems) == len(error.places) > 0
            assert all(problem.isprintable() and len(problem) < 1000 for problem in error.problems)
        assert repr(one) == before


_conditions = st.fixed_dictionaries(
    {},
    optional={
        "control": st.sampled_from(["S3.*", "IAM.*", "S3.8", "*", ["EC2.1", "S3.1"]]),
        "severity": st.lists(st.sampled_from(["LOW", "HIGH", "CRITICAL"]), min_size=1, max_size=2),
        "account": st.sampled_from(["1111*", "222233334444"]),
        "region": st.sampled_from(["eu-*", "us-east-1"]),
        "tag": st.sampled_from([{"env": "prod"}, {"env": ["*"]}]),
    },
)
_results = st.one_of(
    st.fixed_dictionaries({"channel": st.sampled_from(["C01", "C02", OWNER])}),
    st.fixed_dictionaries({"drop": st.just(True)}, optional={"reason": st.just("noise")}),
)
_routes = st.lists(st.tuples(_conditions, _results).map(lambda both: {**both[0], **both[1]}), max_size=6)
_violations = st.builds(
    lambda control, severity, region, tags: violation(
        **{"Compliance.SecurityControlId": control, "Severity.Label": severity, "Region": region},
        Resources=[{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::x", "Tags": tags}],
    ),
    st.sampled_from(["S3.8", "S3.1", "IAM.4", "EC2.1"]),
    st.sampled_from(["LOW", "HIGH", "CRITICAL"]),
    st.sampled_from(["eu-west-1", "us-east-1"]),
    st.sampled_from([{}, {"env": "prod"}, {"env": "dev", "owner": "team-a"}, {"owner": "team-b"}]),
)
OWNED = {"owners": {"team-a": {"group": "S0A", "channel": "C0A"}, "team-b": {"user": "U0B"}}}


def nobody(_: str) -> Person:
    return Person(ring=Ring.UNKNOWN)


def error_of(document: object) -> RoutesError | None:
    try:
        parse_routes(document)
    except RoutesError as error:
        return error
    return None


@pytest.mark.parametrize("owner", ["hana.sato", "HANA.*", "hana.sato@example.com", "*@example.com"])
@pytest.mark.parametrize("tag", ["hana.sato", "Hana.Sato@example.com"])
@pytest.mark.parametrize("who", [{"email": "hana.sato@example.com"}, {"email": "hana.sato@example.com", "user": "U0H"}])
def test_a_route_has_an_owner_by_name_and_by_address_whichever_the_tag_says(
    who: Document, tag: str, owner: str
) -> None:
    routes = parsed(owners={"hana.sato": who}, routes=[{"owner": owner, "channel": "C0HANA"}])
    found = violation(Resources=[{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::x", "Tags": {"owner": tag}}])
    assert routes.destination(found, Account(), nobody).channel == "C0HANA"


@settings(max_examples=40)
@given(_routes, _violations)
def test_the_first_that_matches_has_it_none_is_lost_and_what_is_never_reached_never_was(
    listed: list[Document], found: Violation
) -> None:
    """What is refused as never reached is left out, after it was seen that something before it had all of it."""
    document = {**LEAST, **OWNED, "routes": listed}
    error = error_of(document)
    idle = {place[1] for place in error.places} if error else set()
    assert error is None or all("is never reached" in problem for problem in error.problems)
    kept = [route for number, route in enumerate(listed) if number not in idle]
    routes = parse_routes({**document, "routes": kept})
    assert parse_routes(json.loads(json.dumps({**document, "routes": kept}))) == routes
    here = routes.destination(found, Account(), nobody)
    assert here.channel or here.reason
    alone = [parsed(**OWNED, routes=[route]).destination(found, Account(), nobody) for route in listed]
    first = next((one for one in alone if one.line is not None), None)
    assert here.channel == (first.channel if first else CHANNEL)
    assert (here.line is None) is (first is None)
