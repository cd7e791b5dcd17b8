"""What the command line shows: who there is to be, where to look, and one line to paste."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from app.config import Settings

if TYPE_CHECKING:
    from app.dev_idp.issuer import DemoUser


FIRST_USERS = 16


def show_welcome(out: Console, settings: Settings, users: "Sequence[DemoUser]") -> None:
    """Print the block of a development server that is ready. The line to paste is never wrapped."""
    places = Table.grid(padding=(0, 2))
    for label, address in {
        "Start here": f"{settings.public_url}/",
        "Try the API": f"{settings.api_url}/docs",
        "Contract": f"{settings.api_url}/openapi.json",
    }.items():
        places.add_row(f"[dim]{label}[/dim]", f"[bold cyan]{address}[/bold cyan]")
    title = "[bold]Tillsammans[/bold] is ready"
    out.print(Panel(places, title=title, title_align="left", border_style="cyan", expand=False))
    out.print(user_table(users[:FIRST_USERS]))
    out.print(f"… and {len(users) - FIRST_USERS} more: {command()} users", style="dim")
    token = f"{command()} token {users[0].subject}"
    out.print(f"\nA token      [bold]{token}[/bold]", soft_wrap=True)
    out.print("A first call, from another terminal in this folder:", style="dim")
    out.print(
        f'[bold]curl -H "Authorization: Bearer $({token})" {settings.api_url}/me[/bold]', soft_wrap=True, emoji=False
    )
    out.print("\nCtrl-C stops the program and its database.", style="dim")


def user_table(users: "Sequence[DemoUser]") -> Table:
    """The demo users and systems, one to a line."""
    table = Table("Demo user", "Who", box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for user in users:
        name = f"{user.name}, {user.description}" if user.description else user.name
        table.add_row(f"[green]{user.subject}[/green]", name)
    return table


def command() -> str:
    """This command, as it can be typed from the present folder."""
    return shlex.quote(near(Path(os.path.abspath(sys.argv[0]))))


def near(path: Path) -> str:
    """``path`` as seen from the present folder, where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
