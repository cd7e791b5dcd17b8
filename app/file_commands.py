"""The commands that send files to a program and fetch them: ``tillsammans import`` and ``export``."""

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer()

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="NDJSON, or CSV by its name.")]
Kind = Annotated[str | None, typer.Option(help="What the lines are: child, case, user … Needed for CSV.")]
As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Development: be this demo user or system.")]
Token = Annotated[str | None, typer.Option(envvar="TILLSAMMANS_TOKEN", help="An access token.")]
Url = Annotated[str | None, typer.Option(help="Where the program is; the one that runs here, when left out.")]
Mode = Annotated[str, typer.Option(help="partial: what is right is imported. atomic: all or nothing.")]
Strategy = Annotated[str, typer.Option(help="upsert, create or update records by sourceSystem and sourceId.")]
SourceSystem = Annotated[str | None, typer.Option(help="Of lines that do not name their own.")]
Report = Annotated[Path | None, typer.Option(help="Where to write what failed; beside the file, when left out.")]


@commands.command("import")
def import_file(
    file: File,
    kind: Kind = None,
    name: As = None,
    token: Token = None,
    url: Url = None,
    mode: Mode = "partial",
    strategy: Strategy = "upsert",
    source_system: SourceSystem = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, and change nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also a file that has been imported before.")] = False,
    report: Report = None,
) -> None:
    """Import a file of records over HTTP and watch it; after Ctrl-C the same command goes on watching.

    Exit status 0: every line is imported. 1: some failed, and a report tells which and why. 2: the file was refused.
    """
    from app import transfers

    said = {
        "recordKind": kind, "mode": mode, "strategy": strategy, "sourceSystem": source_system,
        "dryRun": "true" if dry_run else None,
    }  # fmt: skip
    parameters = {parameter: value for parameter, value in said.items() if value is not None}
    caller = transfers.Caller(name, token, url)
    raise typer.Exit(transfers.import_file(caller, file, parameters, report, again=again))


@commands.command("export")
def export_file(
    kind: Annotated[str, typer.Argument(help="What to take out: child, case, unit …")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the access log beside every record.")],
    to: Annotated[Path, typer.Option("--to", "-o", dir_okay=False, writable=True, help="The file to write.")],
    name: As = None,
    token: Token = None,
    url: Url = None,
    form: Annotated[str, typer.Option("--format", help="ndjson, csv or csv_excel.")] = "ndjson",
    protected: Annotated[bool, typer.Option("--include-protected", help="Protected children open to you.")] = False,
) -> None:
    """Take out the records of one kind that you may see, in the form in which they are imported.

    Exit status 0: the file is whole. 2: it was refused or broke off, and there is no file.
    """
    from app import transfers

    wanted = {"recordKind": kind, "format": form, "reason": reason, "includeProtected": protected}
    raise typer.Exit(transfers.export_file(transfers.Caller(name, token, url), wanted, to))
