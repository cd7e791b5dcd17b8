"""The ``tillsammans`` command."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from app.config import Settings
from app.embedded import OperatorError
from app.file_commands import commands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.kernel.seals import Verdict

CONTRACT = Path(__file__).resolve().parent.parent / "openapi" / "openapi.json"

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Municipalities and their region, together around a child. Start with [bold]tillsammans serve[/bold].",
    epilog="Settings come from the environment (TILLSAMMANS_…) or a .env file; .env.example lists them.",
)

app.add_typer(commands)

System = Annotated[str, typer.Argument(help="A demo system, see `tillsammans users`.", show_default=False)]
Port = Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Where to listen.")]


@app.command()
def serve(
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one in production only.")] = 1,
) -> None:
    """Start the program; in development its database and demo data too. Ctrl-C stops all of it.

    Without TILLSAMMANS_DATABASE_URL, development starts a PostgreSQL of its own in .tillsammans.
    Production neither migrates nor loads anything: run `tillsammans migrate` first.
    """
    from app import serving

    settings = _settings()
    if workers > 1 and not settings.production:
        raise OperatorError("Development serves in one process; --workers is for TILLSAMMANS_ENVIRONMENT=production.")
    settings = serving.reachable(settings, host, port)
    with serving.ended_by_signals(), serving.listen(host, port) as listening:
        if settings.production:
            serving.serve_production(settings, workers, listening)
        else:
            serving.serve_development(settings, listening, out, err)


@app.command()
def work() -> None:
    """Run only the jobs: imports, deliveries, and what time does. Beside servers with TILLSAMMANS_WORK_HERE=false.

    Any number may run at once, and be killed at any moment: whoever is left goes on.
    """
    from app import database, serving

    settings = _settings()
    with serving.ended_by_signals(), database.running(settings) as addresses:
        database.check_program(addresses.program)
        serving.work(settings, addresses.program, ready=lambda: out.print("Working. Ctrl-C stops."))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema and make the role that the program connects as.

    In production this runs as the owner (TILLSAMMANS_OWNER_DATABASE_URL), before the program starts.
    """
    from app import database

    settings = _settings()
    with database.running(settings) as addresses, err.status("Migrating …"):
        database.migrate(settings, addresses.owner)
    out.print("The database has the newest schema.")


@app.command()
def demo() -> None:
    """Load the demo data into an empty database; does nothing when there is something in it already.

    To begin anew: stop the program, `make clean`, and start it again.
    """
    settings = _development()
    from app import database
    from app.demo import load

    with database.running(settings) as addresses, err.status("Loading the demo data …"):
        loaded = load(settings, database.migrate(settings, addresses.owner))
    out.print("The demo data is loaded." if loaded else "There is data already; nothing was loaded.")


class Told(StrEnum):
    """The stories that can be told."""

    FAMILY = "family"
    GROUPS = "groups"


@app.command()
def story(told: Annotated[Told, typer.Argument(help="Which story.", show_default=True)] = Told.FAMILY) -> None:
    """Play a story over four months and print every request; what it makes stays in the demo world.

    family: from a guardian's call to the desk in Gnesta, to the plan, to the closed case. groups: Vingåker's three
    contact groups, where the ninth child waits.
    """
    settings = _development()
    import asyncio

    from app import database
    from app.demo import load
    from app.demo.journey import Journey
    from app.demo.play import stage
    from app.demo.vingaker import ContactGroups
    from app.kernel.clock import SystemClock

    async def play(program_url: str) -> None:
        async with stage(settings, program_url, SystemClock(), lambda line: out.print(line, soft_wrap=True)) as play:
            await (Journey(play) if told is Told.FAMILY else ContactGroups(play)).tell()

    with database.running(settings) as addresses:
        load(settings, database.migrate(settings, addresses.owner))
        asyncio.run(play(addresses.program))


@app.command()
def users() -> None:
    """List the demo users and demo systems with their roles."""
    _development()
    from app import welcome
    from app.demo import USERS

    out.print(welcome.user_table(USERS))
    out.print(f"\nA token      [bold]{welcome.command()} token {USERS[0].subject}[/bold]", soft_wrap=True)


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="A demo user or system, see `tillsammans users`.", show_default=False)],
    scope: Annotated[str | None, typer.Option(help="Narrower than all, separated by spaces.")] = None,
    lifetime: Annotated[int, typer.Option(min=1, max=86_400, help="Seconds until it expires.")] = 3600,
) -> None:
    """Print an access token of a demo user, and nothing else: made for `$(tillsammans token NAME)`."""
    settings = _development()
    from app import credentials

    print(credentials.access_token(settings, name, scope=scope, lifetime=lifetime))


@app.command("client-key")
def client_key(name: System) -> None:
    """Make a key pair for a demo system, which signs in with it (`private_key_jwt`) instead of the demo secret.

    The development issuer trusts the public half at once, and an earlier key no more.
    """
    settings = _development()
    from app import credentials, welcome

    private_key = credentials.make_client_key(settings, name)
    out.print(f"Wrote {welcome.near(private_key)}: the private key of {name}, a JWK.", soft_wrap=True)
    out.print("\nA token for it, while the program runs:", style="dim")
    out.print(credentials.token_request(settings, name, welcome.command()), soft_wrap=True, style="bold", emoji=False)


@app.command("client-assertion")
def client_assertion(name: System) -> None:
    """Print a demo system's signed statement of who it is, for one use within a minute, and nothing else."""
    settings = _development()
    from app import credentials

    print(credentials.client_assertion(settings, name))


@app.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when the file is out of date.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print instead of writing the file.")] = False,
) -> None:
    """Write openapi/openapi.json, who may do what to permissions.txt, and the state machines to docs/states.md."""
    from app.welcome import near

    committed = _committed()
    if stdout:
        print(committed[CONTRACT], end="")
        return
    for file, text in committed.items():
        if not check:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
            out.print(f"Wrote {near(file)}", soft_wrap=True)
        elif not file.exists() or file.read_text("utf-8") != text:
            raise OperatorError(f"{file.name} is not what the program answers: run `make openapi` and commit it.")


@app.command("verify-log")
def verify_log() -> None:
    """Check the seals of the access log and tell where it was touched; exit status 1 when it was."""
    import asyncio

    from app import database

    settings = _settings()
    with database.running(settings) as addresses:
        database.check_program(addresses.program)
        verdict = asyncio.run(_verify(settings, addresses.program))
    for fault in verdict.faults:
        err.print(f"[red]broken[/red]  {fault}", soft_wrap=True)
    if verdict.faults:
        raise OperatorError(f"The access log was touched: {len(verdict.faults)} faults, told above.")
    out.print(
        f"The access log is whole: {verdict.entries} entries under {verdict.seals} seals, "
        f"{verdict.unsealed} newer ones wait for theirs.",
        soft_wrap=True,
    )


def main(arguments: "Sequence[str] | None" = None) -> NoReturn:
    """Run the command; what the operator can put right is one line on stderr and exit status 1."""
    try:
        app(args=arguments)
    except OperatorError as fault:
        err.print(f"[bold red]tillsammans:[/bold red] {fault}", soft_wrap=True, markup=True)
    sys.exit(1)


def _committed() -> dict[Path, str]:
    """What the program says of itself and is committed: the contract, the law in words, the states in pictures."""
    from app import law, states
    from app.main import openapi_document

    document = openapi_document()
    return {
        CONTRACT: json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        CONTRACT.parent.parent / "permissions.txt": law.render(document),
        CONTRACT.parent.parent / "docs" / "states.md": states.render(),
    }


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as invalid:
        faults = [
            " ".join([*(f"TILLSAMMANS_{part}".upper() + ":" for part in fault["loc"][:1]), fault["msg"]])
            for fault in invalid.errors(include_input=False)
        ]
        raise OperatorError("; ".join(faults).replace("Value error, ", "")) from invalid
    return settings.model_copy(update={"data_dir": settings.data_dir.expanduser().resolve()})


def _development() -> Settings:
    settings = _settings()
    if settings.production:
        raise OperatorError("There are no demo users and no demo data in production.")
    return settings


async def _verify(settings: Settings, program_url: str) -> "Verdict":
    import psycopg

    from app.kernel.db import Database
    from app.kernel.seals import Sealer

    log = Database(program_url, pool_size=2, timeout=settings.database_timeout_seconds, statement_timeout=3600)
    await log.open()
    try:
        async with log.transaction(write=False) as transaction:
            return await Sealer(settings.secret.get_secret_value()).verify(transaction)
    except psycopg.Error as error:
        raise OperatorError(f"The access log cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        await log.close()
