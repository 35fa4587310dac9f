"""What the template gives the functions, for one that runs in this process."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from local.slack.workspace import SlackWorkspace
from local.stack.aws import ACCOUNT_ID, REGION, LocalAws, create_ledger_table, local_aws
from local.words import language
from shared.config import Config

TOKEN = f"xoxb-{token_hex(16)}"
CHANNEL = "C0000000001"
SECRET_NAME = "shirase-local"  # noqa: S105 - a name
BUCKET = "shirase-archive"


@contextmanager
def lambda_settings(workspace: SlackWorkspace) -> Iterator[LocalAws]:
    """Everything the functions need, in the environment as Lambda would set it, out of a local AWS.

    Raises ConfigurationError for settings that can't be, before anything is started.
    """
    from local.slack.http import slack_app  # both of the extra `demo`
    from local.stack.serving import serve

    defaults = {"TARGET_CONTROL_IDS": "*", "MIN_SEVERITY": "INFORMATIONAL", "MESSAGE_LANGUAGE": language()}
    wanted = {name: os.environ.get(name, default) for name, default in defaults.items()} | {
        "SLACK_SECRET_ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{SECRET_NAME}",
        "SLACK_CHANNEL": CHANNEL,
        "SLACK_API_URL": "",
        "LEDGER_TABLE": "shirase-ledger",
        "ARCHIVE_BUCKET": BUCKET,
        "POWERTOOLS_SERVICE_NAME": "shirase",
    }
    Config.from_env({**os.environ, **wanted})
    with (
        TemporaryDirectory() as folder,
        local_aws(Path(folder) / "aws.log") as aws,
        serve(slack_app(workspace)) as slack_url,
    ):
        create_ledger_table(aws, "shirase-ledger")
        aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        secret = aws.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=json.dumps({"token": TOKEN}))
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]  # a session token or profile of the real AWS is nothing for the local one
        os.environ.update(
            wanted | aws.environment | {"SLACK_SECRET_ARN": secret["ARN"], "SLACK_API_URL": f"{slack_url}/api/"}
        )
        yield aws
