"""The contract: OpenAPI 3.1 of the mounted API, completed so that the rules of the national REST API profile hold.

FastAPI describes paths, parameters and schemas; everything that is the same for every resource is added here, once.
Nothing in this package knows a resource by name, but for what is sent: a new one is documented by being there.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from app.contract import examples, info, operations, problems, schemas, uploads, webhooks
from app.contract.reach import problems_of, problems_reached
from app.kernel.http.streams import form_of

JsonObject = dict[str, Any]


def build_openapi(app: FastAPI) -> JsonObject:
    """The contract of this installation, built once: the same program and settings give the same document."""
    if app.openapi_schema is None:
        app.openapi_schema = _build(app)
    return app.openapi_schema


def _build(app: FastAPI) -> JsonObject:
    document = get_openapi(
        title="Tillsammans",
        version=info.VERSION,
        servers=app.servers,
        tags=app.openapi_tags,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    info.complete(document, app.state.settings)
    routes = {route.operation_id: route for route in endpoints(app)}
    forms = {name: form for name, route in routes.items() if (form := form_of(route.dependant))}
    for place in operations.places(document):
        if form := forms.get(place.operation["operationId"]):
            uploads.describe(place, form, app.state.settings, document)
    schemas.tidy(document)
    for place in operations.places(document):
        operation_id = place.operation["operationId"]
        operations.complete(place, problems_reached(routes[operation_id]), document)
        if form := forms.get(operation_id):
            uploads.tell_problems(place, problems_of(form.later))
    schemas.complete(document)
    examples.complete(document)
    schemas.tell_defaults(document)
    uploads.complete(document)
    problems.complete(document)
    webhooks.complete(document)
    return document


def endpoints(app: FastAPI) -> Iterator[RouteContext]:
    """Every documented endpoint; ``app.routes`` itself holds the included routers."""
    for route in iter_route_contexts(app.routes):
        if getattr(route, "include_in_schema", False) and getattr(route, "operation_id", None):
            yield route
