"""The embedded PostgreSQL of development, demo and tests: no Docker, no system server, no root needed."""

from app.embedded.programs import OperatorError
from app.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "OperatorError"]
