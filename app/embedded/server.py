"""Starting, sharing and stopping the embedded server.

Three empty files beside the data folder carry advisory locks. The operating system drops a lock with the last process
that holds it, so ``kill -9`` leaves nothing behind, and no process id is ever guessed:

- ``*.starting``: held while a program starts or stops the server, so that two of them take turns;
- ``*.users``: shared by every program that uses the server; whoever can have it alone is the last one and stops it;
- ``*.alive``: handed down to the server and its children; free means that none of them lives.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from app.embedded.programs import MAJOR_VERSION, Account, OperatorError, account_for, binaries, surroundings

PORT = "5432"
PATIENCE_SECONDS = 60.0
SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS and 108 on Linux
PROCESS, SOCKET_FOLDER, STATE = 0, 4, 7  # lines of postmaster.pid

SERVER_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "log_min_messages": "log",  # failed statements stay out of the file: they can hold personal data
    "fsync": "on",
    "synchronous_commit": "on",
}
INITDB_OPTIONS = (
    *("--username=postgres", "--auth=trust", "--no-instructions", "--encoding=UTF8"),
    *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)


class EmbeddedPostgres:
    """One PostgreSQL 18 on a unix socket in ``folder``, shared by every program that names the same folder.

    It trusts whoever can reach the socket: only the user who started it, and root.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self._users: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start or join the server and return the owner's address of its ``postgres`` database; safe to repeat.

        Raises OperatorError when the server is not installed, does not start, or the folder cannot be used.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._turn():
            if self._users is None:
                self._users = os.open(self._beside("users"), os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users, fcntl.LOCK_SH)
            self._forget_if_dead()
            self._wait(self._started, "start")
        return self.url("postgres")

    def stop(self) -> None:
        """Let go of the server; the last program that does so shuts it down, without losing a write."""
        if self._users is None:
            return
        with self._turn():
            fcntl.flock(self._users, fcntl.LOCK_UN)
            if _lock_now(self._users):
                self._wait(self._stopped, "stop")
                if self._socket_folder() != self.folder:
                    shutil.rmtree(self._socket_folder(), ignore_errors=True)
            os.close(self._users)
        self._users = None
        self._forget_if_dead()

    def crash(self) -> None:
        """Kill the server and its children with ``kill -9``, as a power cut would. For tests."""
        import psycopg

        with psycopg.connect(self.url("postgres")) as connection:
            children = [pid for (pid,) in connection.execute("select pid from pg_stat_activity")]
        self._signal(signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._wait(lambda: not self._alive(), "die")

    def url(self, database: str) -> str:
        """The owner's address of ``database``, for psycopg and SQLAlchemy; the server must have been started."""
        folder = self._pid_file(SOCKET_FOLDER) or str(self._socket_folder())
        return f"postgresql://postgres@/{quote(database)}?host={quote(folder)}&port={PORT}"

    def _started(self) -> bool:
        """One step towards a server that answers; true when it does."""
        if not self._alive():
            if self._process is not None:
                raise OperatorError(f"The embedded database did not start: {self._last_words()}")
            self._spawn()
        ready = self._pid_file(STATE) == "ready"
        return ready and _answers(Path(self._pid_file(SOCKET_FOLDER)) / f".s.PGSQL.{PORT}")

    def _stopped(self) -> bool:
        """One step towards a server that is gone; repeated, as one that is only just starting may miss the signal."""
        if self._alive():
            self._signal(signal.SIGINT)
            return False
        return True

    def _spawn(self) -> None:
        account, socket_folder = account_for(self.folder), self._socket_folder()
        with _descriptor(self._beside("alive")) as alive, self._beside("log").open("wb") as log:
            fcntl.flock(alive, fcntl.LOCK_EX)
            self._initialise(account, alive)
            if socket_folder != self.folder:
                account.own(socket_folder)
            # No postgres of this folder lives: these two can only name a process that now is somebody else.
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            (socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            options = [f"--{name}={value}" for name, value in SERVER_OPTIONS.items()]
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [str(binaries() / "postgres"), "-D", str(self.folder), "-p", PORT, "-k", str(socket_folder), *options],
                stdout=log,
                stderr=log,
                pass_fds=(alive,),
                **surroundings(account),
            )

    def _initialise(self, account: Account, alive: int) -> None:
        version = self.folder / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR_VERSION:
                raise OperatorError(f"{self.folder} was made by PostgreSQL {found}, move it away.")
            return
        if self.folder.exists() and any(self.folder.iterdir()):
            raise OperatorError(f"{self.folder} holds something else than a database, move it away.")
        # Made elsewhere and renamed when whole: an interrupted first start leaves nothing half made.
        fresh = self._beside("new")
        shutil.rmtree(fresh, ignore_errors=True)
        account.own(fresh)
        made = subprocess.run(  # noqa: S603 - our own program, no shell
            [str(binaries() / "initdb"), "-D", str(fresh), *INITDB_OPTIONS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(alive,),
            check=False,
            **surroundings(account),
        )
        if made.returncode:
            complaint = made.stderr.decode(errors="replace").strip()
            raise OperatorError(f"The embedded database could not be made: {complaint}")
        fresh.rename(self.folder)
        with _descriptor(self.folder.parent, os.O_RDONLY) as parent:
            os.fsync(parent)

    def _alive(self) -> bool:
        with _descriptor(self._beside("alive")) as alive:
            return not _lock_now(alive)

    def _forget_if_dead(self) -> None:
        if self._process is not None and (self._process.poll() is not None or not self._alive()):
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(self._pid_file(PROCESS)), number)

    def _pid_file(self, line: int) -> str:
        """A line of ``postmaster.pid``, empty where it is not written yet."""
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()[line].strip()
        except (FileNotFoundError, IndexError):
            return ""

    def _socket_folder(self) -> Path:
        name = os.fsencode(self.folder / f".s.PGSQL.{PORT}")
        if len(name) <= SOCKET_PATH_LIMIT and not set(name) & set(b"\"',\\"):
            return self.folder
        short = hashlib.sha256(name).hexdigest()[:12]
        return Path(tempfile.gettempdir()).resolve() / f"tillsammans-{os.geteuid()}-{short}"

    def _last_words(self) -> str:
        words = self._beside("log").read_text(errors="replace").strip().splitlines()
        return words[-1] if words else f"no reason given in {self._beside('log')}"

    def _beside(self, suffix: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{suffix}")

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        with _descriptor(self._beside("starting")) as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            yield

    def _wait(self, done: Callable[[], bool], verb: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise OperatorError(f"The embedded database in {self.folder} does not {verb}: {self._last_words()}")
            time.sleep(0.02)


@contextlib.contextmanager
def _descriptor(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> Iterator[int]:
    number = os.open(path, flags, 0o600)
    try:
        yield number
    finally:
        os.close(number)


def _lock_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0
