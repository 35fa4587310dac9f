"""What AWS Organizations and Slack would answer, out of a file, for trying routes without either."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from local.errors import InputError
from local.stack.encoding import explain_unreadable
from shared.finding.account import Account
from shared.policy.owner import Person, Ring
from shared.slack.directory import person_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Accounts by id, and people by e-mail address in lower case. With `is_known` Slack has nobody else;
    without, it can't be asked."""

    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    is_known: bool = False

    def account_of(self, account_id: str) -> Account:
        return self.accounts.get(account_id, Account())

    def find_person(self, email: str) -> Person:
        return self.people.get(email.casefold(), Person(ring=Ring.UNKNOWN if self.is_known else Ring.UNAVAILABLE))


def read_directory(path: Path) -> Directory:
    """Read {"accounts": {id: {"ous": [id], "tags": {key: value}}}, "slack": {address: answer of users.lookupByEmail}}.
    Raises InputError if it is anything else."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}): name a file of accounts and people") from error
    if problem := explain_unreadable(content):
        raise InputError(f"{path}: {problem}")
    try:
        told = json.loads(content)
        return Directory(
            accounts={
                id_: Account(tags=tuple(one.get("tags", {}).items()), units=frozenset(one.get("ous", [])))
                for id_, one in told.get("accounts", {}).items()
            },
            people={
                email.casefold(): (person_of(answer["user"]) if answer["ok"] else Person(ring=Ring.UNKNOWN))
                for email, answer in told.get("slack", {}).items()
            },
            is_known=True,
        )
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{path} isn't a directory of accounts and people: `shirase routes --help` shows one"
        ) from error
