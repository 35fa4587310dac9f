"""Where a deployed stack is, for a person who is to agree to something there."""

from dataclasses import dataclass

from local.errors import InputError
from local.stack.stack import Stack
from local.words import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a stack is, and its parameters."""

    stack_name: str
    account_id: str
    region: str
    parameters: dict[str, str]

    @property
    def with_channel(self) -> str:
        """Where it is, and where its messages go."""
        channel = self.parameters.get("SlackChannel", "?")
        return (
            f"the stack {self.stack_name} in account {self.account_id}, Region {self.region}, "
            f"which posts to Slack's channel {channel}"
        )

    def __str__(self) -> str:
        return f"the stack {self.stack_name} in account {self.account_id}, Region {self.region}"


def place_of(stack: Stack) -> Place:
    """Look up where a stack is. Raises botocore's errors."""
    found = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    _, _, _, region, account_id, _ = found["StackId"].split(":", 5)
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
    return Place(stack_name=stack.name, account_id=account_id, region=region, parameters=parameters)


def is_agreed(question: str) -> bool:
    """Whether whoever is at the terminal types yes. Raises InputError where nobody is."""
    try:
        answer = input(f"\n{said(question)} {said('Type yes:')} ")
    except EOFError as error:
        raise InputError("Nobody can be asked here: add --yes (YES=1).") from error
    return answer.strip().casefold() == "yes"
