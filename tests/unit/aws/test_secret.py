"""What people are told about a secret that can't be used, by what Secrets Manager answers."""

from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.aws.secret import Secret
from shared.errors import ConfigurationError, TokenUnavailableError

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:kms-token-AbCdEf"
ROLE = "arn:aws:sts::111122223333:assumed-role/shirase-AlertFunctionRole-1/shirase-AlertFunction-1"


class Failing:
    """A Secrets Manager that answers every question with an error."""

    def __init__(self, error: Exception, region: str) -> None:
        self._error = error
        self.meta = SimpleNamespace(region_name=region)

    def get_secret_value(self, **_question: Any) -> dict[str, Any]:
        raise self._error


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetSecretValue")


def read(error: Exception, region: str = "eu-west-1") -> str:
    return Secret(SecretsProvider(boto3_client=Failing(error, region)), ARN).read_token(fresh=True)


def not_authorized(action: str) -> ClientError:
    return refusal("AccessDeniedException", f"User: {ROLE} is not authorized to perform: {action} on resource: {ARN}")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (not_authorized("secretsmanager:GetSecretValue"), "may not be read by this function: compare SlackSecretArn"),
        (refusal("AccessDeniedException", "Access to KMS is not allowed"), "give SecretKmsKeyArn the key's ARN"),
        (not_authorized("kms:Decrypt"), "give SecretKmsKeyArn the key's ARN"),
        (refusal("DecryptionFailure", "Secrets Manager can't decrypt it"), "give SecretKmsKeyArn the key's ARN"),
        (
            refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
            "does not exist: create it, or give SlackSecretArn the ARN that Secrets Manager shows",
        ),
        (
            refusal("ResourceNotFoundException", "can't find the specified secret value for staging label: AWSCURRENT"),
            "has no value yet: store the bot token in it",
        ),
        (
            refusal("InvalidRequestException", "You can't perform this operation: it was marked for deletion."),
            "is marked for deletion: restore it",
        ),
        (refusal("InvalidParameterException", "odd"), "can't be read: InvalidParameterException: odd"),
    ],
)
def test_a_refusal_is_told_with_its_cause_and_remedy(error: ClientError, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(error)
    assert str(raised.value).startswith(f"the secret {ARN} ")
    assert told in str(raised.value)


def test_a_secret_of_another_region_is_told_so_whatever_is_answered() -> None:
    with pytest.raises(
        ConfigurationError, match=f"^the secret {ARN} is in eu-west-1, and this function in us-east-1: "
    ):
        read(not_authorized("secretsmanager:GetSecretValue"), region="us-east-1")


@pytest.mark.parametrize(
    "error",
    [
        refusal("InternalServiceError", "try again"),
        refusal("ThrottlingException", "slow down"),
        EndpointConnectionError(endpoint_url="https://secretsmanager.eu-west-1.amazonaws.com"),
    ],
)
def test_an_outage_is_no_wrong_setting_so_that_a_digest_is_tried_again(error: Exception) -> None:
    with pytest.raises(TokenUnavailableError, match=f"^the secret {ARN} can't be read just now: "):
        read(error)
