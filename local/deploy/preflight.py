"""What can be looked at before a deployment builds anything. `python -m local.deploy.preflight` does so.

Asks for what it needs: the Region, the secret and the channel. `sam deploy --guided` then offers these answers.
"""

import os
import re
import sys
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.deploy.answers import Answers
from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.root import ROOT, require_clone
from local.screen import padded
from local.words import said
from shared.config import check_channel, check_secret_arn
from shared.text import excerpt

ANSWERS = ROOT / "samconfig.local.toml"
REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
LABEL_COLUMNS = 16
# What AWS answers to whoever may not look; the deployment may do without.
FORBIDDEN = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# "not subscribed to AWS Security Hub" comes as the first of these.
IS_OFF = {"InvalidAccessException", "ResourceNotFoundException"}
# What an administrator is told by who is invited, or has left: API Reference, "Member". Such an account is its own.
NO_MEMBER = {"CREATED", "INVITED", "REMOVED", "RESIGNED", "DELETED"}
PATIENT = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})

Ask = Callable[[str], str]


class Preflight:
    """The checks of one deployment. `session` is boto3's; `ask` shows a prompt and gives what was typed."""

    def __init__(self, answers: Answers, session: Any, ask: Ask) -> None:
        self._answers = answers
        self._session = session
        self._ask = ask
        self._region = ""
        self._account = ""
        self._doubts = 0

    def run(self) -> bool:
        """Look at everything, a line each; whether to go on. Raises CommandError where nothing can be deployed."""
        self._look_where_to()
        self._ask_for_region()
        self._look_at_credentials()
        self._look_at_security_hub()
        self._look_at_aggregation()
        self._look_at_administrator()
        self._ask_for("SlackSecretArn", self._problem_of_secret)
        self._ask_for("SlackChannel", self._problem_of_channel)
        return not self._doubts or self._ask(said("\nDeploy all the same? Type yes: ")).strip().casefold() == "yes"

    def _client(self, service: str) -> Any:
        return self._session.client(service, region_name=self._region, config=PATIENT)

    # ---- where

    def _look_where_to(self) -> None:
        if address := os.environ.get("AWS_ENDPOINT_URL"):
            self._doubt("AWS", f"AWS_ENDPOINT_URL is set: this would go to {excerpt(address)}, and not to AWS")

    def _ask_for_region(self) -> None:
        default = self._answers.region or str(self._session.region_name or "")
        self._region = self._answer("Region", default, _problem_of_region)
        self._answers.keep_region(self._region)

    def _look_at_credentials(self) -> None:
        try:
            caller = self._client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise CommandError(
                f"No AWS credentials that work in {self._region}: {error}\n"
                "  Set them (aws configure; or aws sso login, and AWS_PROFILE), then type make deploy again."
            ) from error
        self._account = str(caller["Account"])
        _tell("✓", "Credentials", f"account {self._account}, as {caller['Arn']}")

    # ---- Security Hub

    def _look_at_security_hub(self) -> None:
        try:
            self._client("securityhub").describe_hub()
        except (BotoCoreError, ClientError) as error:
            if _code(error) in IS_OFF:
                self._doubt(
                    "Security Hub",
                    f"Security Hub CSPM is off in account {self._account}, Region {self._region}: turn it on, or "
                    "there will be nothing to announce",
                )
            else:
                _not_seen("Security Hub", error)
        else:
            _tell("✓", "Security Hub", f"on in {self._region}")

    def _look_at_aggregation(self) -> None:
        try:
            home = self._home_region()
        except (BotoCoreError, ClientError) as error:
            if _code(error) not in IS_OFF:
                _not_seen("Aggregation", error)
            return
        if home is None:
            _tell("✓", "Aggregation", f"no Regions are linked: you will hear of {self._region} alone")
        elif home == self._region:
            _tell("✓", "Aggregation", f"the findings of all linked Regions come together here, in {home}")
        else:
            self._doubt(
                "Aggregation",
                f"findings come together in {home}: deploy there, or you will hear of {self._region} alone",
            )

    def _home_region(self) -> str | None:
        hub = self._client("securityhub")
        found = hub.list_finding_aggregators()["FindingAggregators"]
        if not found:
            return None
        arn = str(found[0]["FindingAggregatorArn"])
        try:
            return str(hub.get_finding_aggregator(FindingAggregatorArn=arn)["FindingAggregationRegion"])
        except ClientError:  # from a linked Region, or without the permission
            return arn.split(":")[3]

    def _look_at_administrator(self) -> None:
        try:
            administrator = self._client("securityhub").get_administrator_account().get("Administrator", {})
        except (BotoCoreError, ClientError) as error:
            if _code(error) not in IS_OFF:
                _not_seen("Administrator", error)
            return
        account = str(administrator.get("AccountId", ""))
        is_member = str(administrator.get("MemberStatus", "")).upper() not in NO_MEMBER
        if account and account != self._account and is_member:
            _tell(
                "!",
                "Administrator",
                f"this account is a member of {account}: you will hear of this account alone; deploy there to hear of "
                "all members",
            )
        else:
            _tell("✓", "Administrator", "no other account administers Security Hub for this one")

    # ---- the settings without a default

    def _ask_for(self, name: str, problem_of: Callable[[str], str | None]) -> None:
        value = self._answer(name, self._answers.parameters.get(name, ""), problem_of)
        self._answers.keep_parameter(name, value)

    def _answer(self, name: str, default: str, problem_of: Callable[[str], str | None]) -> str:
        """What is typed, or the default for nothing, once there is no problem with it."""
        while True:
            value = self._ask(f"  {name}{f' [{default}]' if default else ''}: ").strip() or default
            problem = problem_of(value)
            if problem is None:
                return value
            _tell("✗", name, problem)

    def _problem_of_secret(self, value: str) -> str | None:
        try:
            check_secret_arn(value)
        except ValueError as error:
            return str(error)
        region = value.split(":")[3]
        if region != self._region:
            return f"this secret is in {region}, and must be in the Region of the stack, {self._region}"
        try:
            found = self._client("secretsmanager").describe_secret(SecretId=value)
        except (BotoCoreError, ClientError) as error:
            if _code(error) == "ResourceNotFoundException":
                return "there is no such secret: aws secretsmanager list-secrets shows those there are"
            _not_seen("Secret", error)
            return None
        if "DeletedDate" in found:
            return "this secret is going to be deleted: restore it, or create another"
        _tell("✓", "Secret", str(found["Name"]))
        return None

    def _problem_of_channel(self, value: str) -> str | None:
        try:
            check_channel(value)
        except ValueError as error:
            return str(error)
        _tell("✓", "Channel", f"{value}; the app must be in it: /invite @shirase")
        return None

    def _doubt(self, label: str, text: str) -> None:
        self._doubts += 1
        _tell("!", label, text)


def _problem_of_region(value: str) -> str | None:
    return None if REGION.fullmatch(value) else "give a Region such as ap-northeast-1"


def _not_seen(label: str, error: Exception) -> None:
    if _code(error) in FORBIDDEN:
        _tell("?", label, f"not looked at: you may not ({excerpt(str(error))})")
    else:
        _tell("?", label, f"not looked at: it failed ({excerpt(str(error))})")


def _code(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def _tell(sign: str, label: str, text: str) -> None:
    print(f"  {sign} {padded(said(label), LABEL_COLUMNS)}{said(text)}", flush=True)


def main() -> int:
    """Look before a deployment; 0 to go on, 1 if it can't be or isn't wanted, 2 if nobody answers, 130 if stopped."""
    try:
        require_clone()
        print(said("Before anything is built. What you answer is kept for the next try.\n"))
        answers = Answers(ANSWERS, ROOT / "samconfig.toml")
        if Preflight(answers, boto3.session.Session(), input).run():
            return 0
        tell_problem("Nothing was built or deployed.")
    except EOFError:
        print()  # after the question that nobody answered
        tell_problem("make deploy asks for the settings: run it in a terminal.")
        return InputError.exit_code
    except KeyboardInterrupt:
        return StoppedError.exit_code
    except BotoCoreError as error:  # a profile that is not there
        tell_problem(f"{error}\n  Set AWS_PROFILE to one that aws configure list-profiles shows.")
    except CommandError as error:
        tell_problem(str(error))
        return error.exit_code
    return CommandError.exit_code


if __name__ == "__main__":
    sys.exit(main())
