"""The contract as the program builds it, once for all tests of a worker: building takes seconds."""

from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from app.config import API_PATH
from app.main import openapi_document

DOCUMENT: dict[str, Any] = openapi_document()


def knowing_it(root: FastAPI, *tags: str) -> FastAPI:
    """A program whose contract is there already, or the part of it with some tags; what it is, is tested elsewhere."""
    paths = {
        path: operations
        for path, operations in DOCUMENT["paths"].items()
        if not tags or any(set(tags) & set(each["tags"]) for each in operations.values())
    }
    for route in root.routes:
        if isinstance(route, Mount) and route.path == API_PATH and isinstance(route.app, FastAPI):
            route.app.openapi_schema = {**DOCUMENT, "paths": paths}
    return root
