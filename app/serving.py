"""One running program: its socket, its database, its end, and where other commands find it."""

import contextlib
import gc
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from app.config import Settings
from app.embedded import OperatorError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from rich.console import Console
    from uvicorn import Config

SERVER_FILE = "server.json"
GRACE_SECONDS = 5


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load a program without collecting: what it makes stays, and looking through it again and again is slow."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything slow is started. Raises OperatorError when somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OperatorError(
            f"Cannot listen on {host}, port {port}: {reason}. Another one: PORT={port % 65535 + 1} make serve"
        ) from error
    return taken


def public_address(host: str, port: int) -> str:
    """The address that clients on this machine use for a server that listens on ``host``."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{reachable}:{port}"


def reachable(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address that ``serve`` listens on, unless the environment names a public one."""
    if "public_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"public_url": public_address(host, port)})


@contextlib.contextmanager
def announced(settings: Settings) -> Iterator[None]:
    """Leave the address of this program where ``running_address`` finds it, for as long as it runs."""
    path = settings.data_dir / SERVER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"url": settings.public_url, "pid": os.getpid()}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_address(data_dir: Path) -> str | None:
    """The public address of the program that runs on ``data_dir``; None when none does."""
    try:
        found = json.loads((data_dir / SERVER_FILE).read_text())
        os.kill(found["pid"], 0)
    except PermissionError:
        pass  # it runs, as somebody else
    except (OSError, ValueError, KeyError):
        return None
    return str(found["url"])


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block like Ctrl-C does, so that what it opened is closed.

    A second signal does not interrupt the closing. Leaves quietly: being asked to stop is no fault.
    """

    stopping = (signal.SIGINT, signal.SIGTERM)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in stopping:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in stopping:
        signal.signal(number, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))
    with contextlib.suppress(KeyboardInterrupt):
        yield


def serve_development(settings: Settings, listening: socket.socket, out: "Console", err: "Console") -> None:
    """Serve with a database and demo data of its own, and say on ``out`` where to look."""
    from app import database, welcome

    with database.running(settings) as addresses, announced(settings):
        with err.status("Preparing the database …"):
            with loading():
                from app.demo import USERS, load
                from app.main import create_app

                addresses = database.migrate(settings, addresses.owner)
            load(settings, addresses)
        program = create_app(settings, program_url=addresses.program)
        serve_app(program, listening, ready=lambda: welcome.show_welcome(out, settings, USERS))


def serve_production(settings: Settings, workers: int, listening: socket.socket) -> None:
    """Serve in one process or several, after a look at the database; nothing is migrated or loaded."""
    from app import database

    with database.running(settings) as addresses:
        database.check_program(addresses.program)
        if workers > 1:
            serve_workers(workers, listening)
        else:
            from app.main import create_app

            program = create_app(settings, program_url=addresses.program)
            serve_app(program, listening, ready=lambda: None)


def serve_app(app: "FastAPI", listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in this process until a signal comes, and call ``ready`` when the first request can be answered.

    Raises OperatorError when the program does not come up; the reason has been logged.
    """
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's own signature
            # Uvicorn would raise the signal again at its end, and drop the shutdown when it comes twice.
            self.should_exit = True

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and not self.should_exit:
                ready()

    try:
        Server(_config(app)).run([listening])
    except SystemExit as error:
        raise OperatorError("The program did not start; the reason stands above.") from error


def serve_workers(count: int, listening: socket.socket) -> None:
    """Serve in ``count`` processes, which read their settings from the environment themselves; for production."""
    from uvicorn.supervisors import Multiprocess

    Multiprocess(_config("app.serving:production_app", factory=True, workers=count), sockets=[listening]).run()


def work(settings: Settings, program_url: str, ready: Callable[[], None] = lambda: None) -> None:
    """Run the jobs in this process, without serving anybody, until it is interrupted."""
    import asyncio

    from app import jobs
    from app.main import create_app

    kernel = create_app(settings, program_url=program_url).state.kernel

    async def forever() -> None:
        await kernel.database.open()
        try:
            async with jobs.running(kernel):
                ready()
                await asyncio.Event().wait()
        finally:
            await kernel.database.close()

    asyncio.run(forever())


def production_app() -> "FastAPI":
    """The program of one worker process, whose parent has made sure of the database."""
    from app.config import get_settings
    from app.main import create_app

    return create_app(get_settings())


def _config(app: "FastAPI | str", **options: Any) -> "Config":
    from uvicorn import Config

    return Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
