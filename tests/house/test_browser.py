"""The pages in a real browser with no network but this program: headless Chromium, where it is installed."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.config import API_PATH, Settings
from app.database import DatabaseAddresses
from app.main import create_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here, so no page was rendered")


@pytest.fixture(scope="module")
def address(settings: Settings, addresses: DatabaseAddresses) -> Iterator[str]:
    """The program behind a real server on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        root = create_app(settings.model_copy(update={"public_url": url}), program_url=addresses.program)
        server = uvicorn.Server(uvicorn.Config(root, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield url
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser keeps its things."""
    return tmp_path_factory.mktemp("chromium")


def chromium(*options: str, profile: Path) -> str:
    """Run Chromium without any network but this machine; what it printed."""
    assert CHROMIUM is not None
    command = [
        CHROMIUM,
        "--headless",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--virtual-time-budget=20000",
        "--window-size=1200,1600",
        f"--user-data-dir={profile}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"{API_PATH}/docs", 'id="operations-me-getMe"'),
        (f"{API_PATH}/redoc", 'data-item-id="tag/me"'),
        ("/", "together around a child"),
    ],
)
def test_a_page_renders_without_internet(address: str, profile: Path, path: str, shown: str) -> None:
    page = chromium("--dump-dom", address + path, profile=profile)
    assert shown in page


def test_the_documentation_can_be_seen(address: str, profile: Path, tmp_path: Path) -> None:
    picture = tmp_path / "docs.png"
    chromium(f"--screenshot={picture}", f"{address}{API_PATH}/docs", profile=profile)
    seen = picture.read_bytes()
    assert seen.startswith(PNG)
    assert len(seen) > 50_000, "an empty page makes a small picture"
