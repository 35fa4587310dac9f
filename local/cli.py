"""The command `shirase`: what can be typed, and what the shell gets back.

Each subcommand imports what it runs only when it runs, so that help and completion come at once.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Exit, Option, Typer, TyperException, echo
from typer.main import get_command

from local.errors import CommandError, InputError, StoppedError, tell_problem
from local.help import translate
from local.words import said, speaks_japanese

app = Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,  # plain help keeps the examples as they are written, and comes twice as fast
    pretty_exceptions_enable=False,
)


def main() -> int:
    """Do what the command line says; 0 if it is done, 1 if something failed, 2 if it can't be meant, 130 if stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # everything is taken down on any way out
    try:
        shell_command = get_command(app)
        if speaks_japanese(os.environ):
            translate(shell_command)
        code = int(shell_command.main(prog_name="shirase", standalone_mode=False) or 0)
        if code == StoppedError.exit_code:  # what Typer makes of Ctrl-C
            raise StoppedError("Stopped.")
    except StoppedError as error:
        print(f"\n{said(str(error))}", file=sys.stderr)
        return error.exit_code
    except CommandError as error:
        tell_problem(str(error))
        return error.exit_code
    except TyperException as error:
        context: Context | None = getattr(error, "ctx", None)
        command = context.command_path if context else "shirase"
        tell_problem(f"{error.format_message().rstrip('.?')}; `{command} --help` shows what can be typed.")
        return InputError.exit_code
    return code


@app.callback(invoke_without_command=True)
def shirase(context: Context) -> None:
    """Security Hub's violations in Slack: see it work on this machine, try events, look after a deployed stack.

    Start with the demo. It needs no AWS account, no Slack and no Docker.

    \b
    Examples:
      shirase demo                                  all of it, on this machine
      shirase replay events/s3_bucket_public.json   what one event becomes
      shirase digest --stack shirase                today's open violations, now
      shirase redrive --stack shirase               what could not be announced
      shirase forget alice --stack shirase          nothing more of a person
      shirase routes routes.yaml                    whose is what, and which channel gets it

    The demo is run in a clone of shirase, and so are replay and digest without --stack. With --stack, commands use
    your AWS credentials and Region, unless a demo is running that deployed a stack of this name.

    The exit code is 0 if all is done, 1 if something failed, 2 if the input can't be right.
    """
    if context.invoked_subcommand is None:
        echo(context.get_help())


@app.command()
def demo(
    once: Annotated[bool, Option("--once", help="End when everything has been shown.")] = False,
    verbose: Annotated[bool, Option("--verbose", "-v", help="Show every event and every message whole.")] = False,
) -> None:
    """Show the real stack at work on this machine.

    Builds template.yaml and deploys it on a local AWS, with stand-ins for Slack and Security Hub, sends an event of
    every kind and two digests, and tells what became of each. Then everything stays up until Ctrl-C, with a page that
    shows the channel and sends whatever you want to try.

    Needs a clone and `make setup`. Takes about half a minute. Writes its logs to .demo/.

    \b
    Examples:
      shirase demo
      shirase demo --once --verbose > demo.txt
    """
    from local.extra import require_extra

    require_extra()
    from local.show import show_demo

    show_demo(once=once, verbose=verbose)


@app.command()
def replay(
    files: Annotated[
        list[Path] | None,
        Argument(
            metavar="[FILE]...",
            help="Event files or folders of them: events as AWS sends them, or findings, as JSON or NDJSON.",
        ),
    ] = None,
    stack: Annotated[str, Option(metavar="NAME", help="Send them to this stack instead of a handler here.")] = "",
    everything: Annotated[bool, Option("--all", help="Every event of events/, hostile ones too.")] = False,
    yes: Annotated[bool, Option("--yes", help="Ask nobody.")] = False,
) -> None:
    """Run events through shirase and show what became of each.

    Without FILE every event of events/. Without --stack the template's rules judge each event, the real handler runs
    here with what matches, and what it posts is shown; the settings are those of the environment, such as
    TARGET_CONTROL_IDS, MIN_SEVERITY, MESSAGE_LANGUAGE. With --stack an event that a rule of the stack matches goes to
    its queue, and the message to its Slack channel. That takes FILE or --all, and it says where they go and asks
    first, unless the stack is that of a demo that runs here.

    Needs a clone. With both --stack and FILE it needs none, but AWS credentials, or a demo that is running.

    \b
    Examples:
      shirase replay
      shirase replay events/s3_bucket_public.json events/passed_after_failed.json
      MESSAGE_LANGUAGE=ja shirase replay events/s3_bucket_public.json
      shirase replay --stack shirase finding.json
    """
    from local.replay import replay

    raise Exit(replay(files or [], stack, everything=everything, yes=yes))


@app.command()
def digest(
    stack: Annotated[str, Option(metavar="NAME", help="Run it on this stack, for its Slack channel.")] = "",
    account: Annotated[bool, Option("--account", help="Run it here with your AWS account's findings.")] = False,
) -> None:
    """Run the digest now, and leave its files in .digest/.

    By itself it runs here, with the findings of events/, and shows the message. With --account it does the same with
    the findings of your account's Security Hub, which it only reads. With --stack the stack posts it to Slack.

    Needs a clone, unless it runs on a stack; --stack and --account need AWS credentials.

    \b
    Examples:
      shirase digest
      AWS_PROFILE=security shirase digest --account
      shirase digest --stack shirase
    """
    from local.digest import run_digest

    run_digest(stack, account=account)


@app.command()
def redrive(
    stack: Annotated[str, Option(metavar="NAME", help="The stack, which must be named.")] = "",
    reason: Annotated[str, Option(metavar="TEXT", help="Put back what has this in its error or reason.")] = "",
    everything: Annotated[bool, Option("--all", help="Put back everything.")] = False,
    letter: Annotated[str, Option(metavar="ID", help="Show this letter whole.")] = "",
    delete: Annotated[bool, Option("--delete", help="Delete them instead, for good.")] = False,
    yes: Annotated[bool, Option("--yes", help="Delete, and ask nobody.")] = False,
) -> None:
    """Show the dead letters of a stack, and put them back or delete them.

    Dead letters are events that the stack could not announce. By itself it shows them, grouped by reason, with what
    each means and the command that puts it back, and changes nothing. Putting back too much does no harm. What is
    deleted is announced to nobody, so it asks before.

    Needs AWS credentials that may read and write both queues of the stack.

    \b
    Examples:
      shirase redrive --stack shirase
      shirase redrive --stack shirase --reason channel_not_found
      shirase redrive --stack shirase --all
      shirase redrive --stack shirase --reason MalformedEventError --delete
    """
    from local.redrive.redrive import Wish, redrive

    wish = Wish(reason=reason.strip(), everything=everything, letter=letter.strip(), delete=delete, yes=yes)
    raise Exit(redrive(stack, wish))


@app.command()
def forget(
    text: Annotated[
        str, Argument(metavar="TEXT", help="What stands for the person: an owner tag's value, an address, a user name.")
    ],
    stack: Annotated[str, Option(metavar="NAME", help="The stack, which must be named.")] = "",
    yes: Annotated[bool, Option("--yes", help="Ask nobody.")] = False,
) -> None:
    """Show where a stack has a person's name, and put another word there.

    Looks through the ledger and all of the archive, earlier versions too, for TEXT as a whole word, whatever its case.
    Shows what it found, and the names of the files and messages that Slack has of it, which are to be deleted there.
    Once you have typed yes it writes "forgotten" instead. What is named after the person, such as the entry of an IAM
    user, goes. It may be stopped and repeated.

    Needs AWS credentials that may read and write the stack's table and bucket, earlier versions too, and read its
    queues.

    \b
    Examples:
      shirase forget alice@example.com --stack shirase
      shirase forget "Alice Example" --stack shirase --yes
    """
    from local.forget.forget import forget as run

    raise Exit(run(text, stack, yes=yes))


@app.command()
def routes(
    file: Annotated[Path | None, Argument(metavar="[FILE]", help="The routes, as YAML.")] = None,
    stack: Annotated[str, Option(metavar="NAME", help="Put them into use on this stack.")] = "",
    test: Annotated[Path | None, Option(metavar="EVENT", help="Show what becomes of this event instead.")] = None,
    directory: Annotated[
        Path | None, Option(metavar="FILE", help="With --test: what AWS Organizations and Slack would answer.")
    ] = None,
    show: Annotated[bool, Option("--show", help="Print the routes that the stack has in use.")] = False,
    versions: Annotated[bool, Option("--versions", help="List what the stack had in use.")] = False,
    restore: Annotated[str, Option(metavar="VERSION", help='Put that into use again; "none": no routes.')] = "",
    yes: Annotated[bool, Option("--yes", help="Ask nobody.")] = False,
) -> None:
    """Check routes, try them on an event, and put them into use.

    Routes say whose a violation is, which channel gets it, whom it mentions, and what is accepted; routes.example.yaml
    is annotated. By itself it checks FILE and tells everything that is wrong with it. With --test it shows which line
    takes an event, whose it is and how that was found. With --stack it shows what changes against the routes in use,
    asks, and puts FILE into use: within 60 seconds, and without a deployment.

    \b
    --directory takes {"accounts": {"111122223333": {"ous": ["ou-ab12-34567890"], "tags": {"owner": "team-a"}}},
    "slack": {"hana@example.com": {"ok": true, "user": {"id": "U0123456789"}}}}

    --stack needs AWS credentials that may read the stack, and read and write settings/routes.json in its archive
    bucket, earlier versions too.

    \b
    Examples:
      shirase routes routes.yaml
      shirase routes routes.yaml --test events/s3_bucket_public.json
      shirase routes routes.yaml --stack shirase
      shirase routes --stack shirase --show
      shirase routes --stack shirase --restore none
    """
    from local.routes.routes import Wish
    from local.routes.routes import routes as run

    wish = Wish(test=test, directory=directory, show=show, versions=versions, restore=restore.strip(), yes=yes)
    raise Exit(run(file, stack.strip(), wish))


@app.command()
def check(
    paths: Annotated[
        list[str],
        Argument(metavar="PATH...", help="Templates, folders or globs of them, or a cdk.out.", show_default=False),
    ],
    parameters: Annotated[
        list[str] | None, Option(metavar="NAME=VALUE", help="The value of a parameter; may be repeated.")
    ] = None,
    controls: Annotated[
        str | None, Option(metavar="PATTERNS", help="Only these, as S3.*,IAM.1.", show_default=False)
    ] = None,
    min_severity: Annotated[str, Option(metavar="SEVERITY", help="Nothing below.")] = "",
    standard: Annotated[str, Option(metavar="NAME", help="Controls of fsbp, of cis, of both (default), or all.")] = "",
    stack: Annotated[
        str, Option(metavar="NAME", help="What this stack asks for, and its Security Hub has switched on.")
    ] = "",
    routes: Annotated[
        Path | None, Option(metavar="FILE", help="Routes, whose exceptions are accepted.", show_default=False)
    ] = None,
    fail_on: Annotated[str, Option(metavar="SEVERITY", help="Exit with 1 from this severity on.")] = "HIGH",
    strict: Annotated[bool, Option("--strict", help="What is undecided counts as violated.")] = False,
    format_: Annotated[
        str, Option("--format", metavar="NAME", help="table, csv, sarif, junit, markdown or json.")
    ] = "table",
    output: Annotated[Path | None, Option(metavar="FILE", help="Write there instead.")] = None,
    report: Annotated[list[str] | None, Option(metavar="FORMAT=FILE", help="Write this, too; may be repeated.")] = None,
    language: Annotated[str, Option(metavar="LANGUAGE", help="en or ja.")] = "",
) -> None:
    """Say which Security Hub controls a template's resources will violate, before they are deployed.

    Takes CloudFormation and SAM templates and cloud assemblies of the CDK. Prints the worst first, then what is
    accepted and what the template alone doesn't decide, and how much was checked: what is not listed may still be
    reported by Security Hub once it is deployed. The first use installs its engines; after that it needs no network.

    A risk is accepted in the resource's Metadata, with a control, a reason and a last day:
    shirase: {accepted: [{control: S3.9, reason: "logs of a log bucket", until: "2027-03-31"}]}

    --stack needs AWS credentials that may describe the stack, and read Security Hub's controls; their answer is kept in
    .check/ for a day.

    Exit code: 0 nothing at or above --fail-on, 1 violations, 2 something could not be read, 3 an engine failed.

    \b
    Examples:
      shirase check template.yaml
      shirase check cdk.out --format sarif --output check.sarif
      shirase check template.yaml --parameters Stage=prod --fail-on MEDIUM
      shirase check template.yaml --stack shirase --routes routes.yaml
    """
    from local.check.command import Wish
    from local.check.command import check as run

    if language:
        os.environ["MESSAGE_LANGUAGE"] = language
    wish = Wish(
        paths=paths,
        parameters=parameters or (),
        controls=controls,
        min_severity=min_severity,
        standard=standard,
        stack=stack.strip(),
        routes=routes,
        fail_on=fail_on,
        is_strict=strict,
        format=format_,
        output=output,
        reports=report or (),
        language=language,
    )
    raise Exit(run(wish))
