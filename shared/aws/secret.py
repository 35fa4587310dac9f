"""The secret that holds the bot token: why it can't be used is told with what to do about it."""

from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from shared.errors import ConfigurationError, ShiraseError, TokenUnavailableError
from shared.text import excerpt

LIFETIME_SECONDS = 300

# What Secrets Manager answers again and again until somebody changes something; anything else may pass.
_REFUSALS = {
    "AccessDeniedException",
    "DecryptionFailure",
    "InvalidParameterException",
    "InvalidRequestException",
    "ResourceNotFoundException",
    "ValidationException",
}
_STORE_IT = 'store the bot token in it as {"token": "xoxb-…"}'


class Secret:
    """The secret with this ARN, read every five minutes at most."""

    def __init__(self, secrets: SecretsProvider, arn: str) -> None:
        self._secrets = secrets
        self._arn = arn

    def read_token(self, fresh: bool) -> str:
        """The token, from Secrets Manager anew if `fresh`.

        Raises ConfigurationError where somebody has to change something, TokenUnavailableError where trying again may
        help.
        """
        try:
            secret = self._secrets.get(self._arn, max_age=LIFETIME_SECONDS, transform="json", force_fetch=fresh)
        except TransformParameterError:
            raise self._unusable(f"is no JSON: {_STORE_IT}") from None  # the cause would quote the secret
        except GetParameterError as error:
            raise self._explained(error) from error
        token = secret.get("token") if isinstance(secret, dict) else None
        if not isinstance(token, str) or not token.strip():
            raise self._unusable(f"has no text under the key token: {_STORE_IT}")
        return token.strip()

    def _explained(self, error: GetParameterError) -> ShiraseError:
        cause = error.__context__  # Powertools raises it while it handles botocore's error
        problem: Any = cause.response.get("Error", {}) if isinstance(cause, ClientError) else {}
        code, message = str(problem.get("Code")), str(problem.get("Message"))
        if code not in _REFUSALS:
            return TokenUnavailableError(f"the secret {self._arn} can't be read just now: {excerpt(error)}")
        return self._unusable(self._refusal(code, message))

    def _refusal(self, code: str, message: str) -> str:
        home, here = self._arn.split(":")[3], self._secrets.client.meta.region_name
        if home != here:
            return (
                f"is in {home}, and this function in {here}: store the token in a secret in {here}, and give "
                "SlackSecretArn its ARN"
            )
        if code == "DecryptionFailure" or _is_about_the_key(code, message):
            return (
                "is encrypted with a KMS key that this function may not use: give SecretKmsKeyArn the key's ARN, and "
                "let the key's policy allow this account; the key must be enabled"
            )
        if code == "AccessDeniedException":
            return (
                "may not be read by this function: compare SlackSecretArn with the ARN that Secrets Manager shows, and "
                "look for a policy of the secret, a permissions boundary or a service control policy that denies "
                "secretsmanager:GetSecretValue"
            )
        if code == "ResourceNotFoundException" and "staging label" in message:
            return f"has no value yet: {_STORE_IT}"
        if code == "ResourceNotFoundException":
            return (
                "does not exist: create it, or give SlackSecretArn the ARN that Secrets Manager shows, with the six "
                "characters at its end"
            )
        if "deletion" in message:
            return "is marked for deletion: restore it, or give SlackSecretArn the ARN of another one"
        return f"can't be read: {excerpt(code)}: {excerpt(message)}"

    def _unusable(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"the secret {self._arn} {problem}")


def _is_about_the_key(code: str, message: str) -> bool:
    # "Access to KMS is not allowed", or a refused kms:Decrypt; a secret's name may hold the letters too.
    return code == "AccessDeniedException" and ("Access to KMS" in message or "kms:Decrypt" in message)
