import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a space in its name, kept by the tests of one file."""
    folder = Path(tempfile.mkdtemp(prefix="tillsammans test "))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A command that sees no settings but its own; returns its data folder."""
    for name in [name for name in os.environ if name.startswith("TILLSAMMANS_") or name == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILLSAMMANS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
