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
    for name in (
        "ENVIRONMENT",
        "DATABASE_URL",
        "OWNER_DATABASE_URL",
        "PUBLIC_URL",
        "SECRET",
        "TRUSTED_ISSUERS",
        "AUDIENCE",
    ):
        monkeypatch.delenv(f"TILLSAMMANS_{name}", raising=False)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILLSAMMANS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
