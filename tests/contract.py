"""The contract as the program builds it, once for all tests of a worker: building takes seconds."""

from typing import Any

from app.main import openapi_document

DOCUMENT: dict[str, Any] = openapi_document()
