"""The real program: started by its command, called as it says, stopped and killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.embedded import EmbeddedPostgres

COMMAND = str(Path(sys.executable).parent / "tillsammans")
SECONDS_UNTIL_GIVEN_UP = 60


class Program:
    """One ``tillsammans serve``, in a process group of its own like a terminal's."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TILLSAMMANS_")}
        self.folder = folder
        self.environment = clean | {"PORT": port, "TILLSAMMANS_DATA_DIR": str(folder / "data")}
        self.process = subprocess.Popen(
            [COMMAND, "serve"],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = self._read_until_ready()

    def _read_until_ready(self) -> str:
        assert self.process.stdout is not None
        given_up = threading.Timer(SECONDS_UNTIL_GIVEN_UP, self.process.kill)
        given_up.start()
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        given_up.cancel()
        return "".join(lines)

    def line(self, start: str) -> str:
        """The printed line that begins with ``start``; fails with all that was printed when there is none."""
        found = [line for line in self.said.splitlines() if line.startswith(start)]
        assert found, self.said
        return found[0]

    def me(self) -> httpx.Response:
        """What the printed first call answers, made with the token that the command prints."""
        token = subprocess.run(
            [COMMAND, "token", "gnesta.school"], cwd=self.folder, env=self.environment, capture_output=True, check=True
        ).stdout.decode()
        url = self.line("curl").split()[-1]
        return httpx.get(url, headers={"Authorization": f"Bearer {token.strip()}"})

    def end(self, number: signal.Signals) -> int:
        """Send a signal to the whole process group, as Ctrl-C in a terminal does; the exit status."""
        os.killpg(self.process.pid, number)
        self.process.communicate(timeout=SECONDS_UNTIL_GIVEN_UP)
        return self.process.returncode

    @property
    def database_is_up(self) -> bool:
        address = self.folder / "data" / "postgres" / ".s.PGSQL.5432"
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(address)) == 0


@pytest.fixture
def start(place: Path) -> Iterator[Callable[[], Program]]:
    """Starts the program in the same folder each time; nothing of it outlives the test."""
    started: list[Program] = []

    def start() -> Program:
        started.append(Program(place))
        return started[-1]

    yield start
    for program in started:
        program.process.kill()
        program.process.communicate()
    leftover = EmbeddedPostgres(place / "data" / "postgres")
    leftover.start()
    leftover.stop()


def pasted(program: Program) -> dict[str, Any]:
    """What the printed curl line answers in a shell."""
    line = program.line("curl")
    done = subprocess.run(
        line, shell=True, cwd=program.folder, env=program.environment, capture_output=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_printed_line_works_when_pasted_and_sigterm_stops_everything(start: Callable[[], Program]) -> None:
    program = start()
    assert program.database_is_up
    assert pasted(program)["name"] == "Sara Ekdahl"

    assert program.end(signal.SIGTERM) == 0
    assert not program.database_is_up


def test_kill_9_does_not_stop_the_next_start_and_ctrl_c_stops_that(start: Callable[[], Program]) -> None:
    killed = start()
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    assert killed.database_is_up, "the database died with the program"

    program = start()
    assert program.me().status_code == 200
    assert program.end(signal.SIGINT) == 0
    assert not program.database_is_up
    assert not (program.folder / "data" / "server.json").exists()
