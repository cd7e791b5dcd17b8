"""The contract as the program builds it, once for all tests of a worker: building takes seconds."""

from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from app.config import API_PATH
from app.main import openapi_document

DOCUMENT: dict[str, Any] = openapi_document()


def knowing_it(root: FastAPI) -> FastAPI:
    """A program whose contract is there already: what it is, is tested where it is built."""
    for route in root.routes:
        if isinstance(route, Mount) and route.path == API_PATH and isinstance(route.app, FastAPI):
            route.app.openapi_schema = DOCUMENT
    return root
