"""Every table in one place, for migrations and for the test that holds them against the models."""

import importlib
from pathlib import Path

from app.kernel import circles, deadlines, log_entries  # noqa: F401 - their tables belong to the metadata
from app.kernel.db import Base

for _package in sorted(Path(__file__).parent.glob("*/models.py")):
    importlib.import_module(f"app.{_package.parent.name}.models")

metadata = Base.metadata
