"""A running program, a certified provider and a page of another origin: what the consumers of the API meet."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.config import API_PATH, DEV_ISSUER_PATH, Settings
from app.kernel.auth import SigningKey

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "openapi" / "openapi.json"
COMMAND = Path(sys.executable).parent / "tillsammans"
SECONDS_UNTIL_GIVEN_UP = 240
SYSTEM, STRANGER = "system.gnesta-school", "system.stranger"


class Provider(NamedTuple):
    """An outside provider, with the private keys of the systems that are registered there."""

    issuer: str
    keys: dict[str, SigningKey]


class Program(NamedTuple):
    """The program as its operator started it."""

    url: str
    folder: Path
    environment: dict[str, str]

    @property
    def api(self) -> str:
        """Where its API begins."""
        return self.url + API_PATH

    @property
    def own_issuer(self) -> str:
        """The development issuer."""
        return self.url + DEV_ISSUER_PATH

    def command(self, *arguments: str) -> str:
        """What ``tillsammans`` prints for the data of this program."""
        return run(str(COMMAND), *arguments, cwd=self.folder, environment=self.environment)


class Page:
    """The files of ``browser/page`` from a server that is not ours; ``settings`` becomes its settings.json."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}
        page = self

        class Files(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path != "/settings.json":
                    super().do_GET()
                    return
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(page.settings).encode())

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        files = partial(Files, directory=str(HERE / "browser" / "page"))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), files)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"


def run(*command: str, cwd: Path, environment: dict[str, str] | None = None) -> str:
    """What a command prints; what it said stands in the failure when it ends badly."""
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=SECONDS_UNTIL_GIVEN_UP, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def said_by(process: subprocess.Popen[str], start: str) -> Iterator[str]:
    """The first printed line that begins so; the process is ended with the block."""
    assert process.stdout is not None
    given_up = threading.Timer(SECONDS_UNTIL_GIVEN_UP, process.kill)
    given_up.start()
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(start):
                break
        given_up.cancel()
        assert lines, "it ended without a word"
        assert lines[-1].startswith(start), "".join(lines)
        yield lines[-1].strip()
    finally:
        given_up.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    """A page of another origin."""
    served = Page()
    thread = threading.Thread(target=served.server.serve_forever)
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


@pytest.fixture(scope="session")
def provider(page: Page) -> Iterator[Provider]:
    """The npm package ``oidc-provider``, which is certified by the OpenID Foundation."""
    keys = {name: SigningKey.generate() for name in (SYSTEM, STRANGER)}
    wanted = {
        "audience": Settings(_env_file=None).audience,
        "origin": page.origin,
        "systems": {name: {"keys": [key.public_jwk]} for name, key in keys.items()},
    }
    process = subprocess.Popen(
        ["node", "provider.js", json.dumps(wanted)],
        cwd=HERE / "browser",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with said_by(process, "http://") as issuer:
        yield Provider(issuer, keys)


@pytest.fixture(scope="session")
def program(page: Page, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """``tillsammans serve`` with the demo world, told of the outside provider by its address and of nothing else."""
    folder = tmp_path_factory.mktemp("program")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TILLSAMMANS_")} | {
        "PORT": str(port),
        "TILLSAMMANS_DATA_DIR": str(folder / "data"),
        "TILLSAMMANS_TRUSTED_ISSUERS": provider.issuer,
        "TILLSAMMANS_CORS_ORIGINS": page.origin,
        "TILLSAMMANS_WEBHOOK_PRIVATE_TARGETS": "true",
        "TILLSAMMANS_WEBHOOK_RETRY_SECONDS": "0.1,0.1,0.1,0.1",
        "TILLSAMMANS_WEBHOOK_TIMEOUT_SECONDS": "2",
    }
    process = subprocess.Popen(
        [COMMAND, "serve"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with said_by(process, "Ctrl-C"):
        yield Program(f"http://127.0.0.1:{port}", folder, environment)
