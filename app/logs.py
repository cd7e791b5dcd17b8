"""Structured logs: one JSON line an event, personal numbers redacted whatever a library writes (R2.3)."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.config import Settings
from app.people.identifiers import redact


def _redacted(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(settings: Settings) -> None:
    """Lines as JSON in production; in development only what needs attention."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redacted,
            structlog.processors.JSONRenderer() if settings.production else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if settings.production else logging.WARNING),
        cache_logger_on_first_use=settings.production,
    )
