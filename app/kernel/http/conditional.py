"""ETag, If-None-Match and Location, written once (RFC 9110 sections 8.8, 10.2.2 and 13).

A record's tag is ``"v<version>-<fingerprint>"``: If-Match compares the version, If-None-Match the whole, because
what a caller is shown also depends on what is open to them right now.
"""

from hashlib import blake2b

from fastapi import Request, Response

from app.kernel.context import Visit


def entity_tag(body: bytes, version: int | None) -> str:
    """The tag of a representation: strong with a version for a record, weak for a collection."""
    fingerprint = blake2b(body, digest_size=6).hexdigest()
    return f'W/"{fingerprint}"' if version is None else f'"v{version}-{fingerprint}"'


def answer(request: Request, visit: Visit, response: Response) -> Response:
    """Complete a successful response with its tag and address; 304 when the caller holds it already."""
    if "etag" in response.headers:
        return response
    if response.status_code in (201, 202) and visit.location:
        response.headers["location"] = visit.location
    response.headers.update(visit.headers)
    body = getattr(response, "body", b"")
    if not body or response.status_code >= 300:
        return response
    tag = entity_tag(body, visit.version)
    if request.method in ("GET", "HEAD") and tag in _tags(request):
        return Response(status_code=304, headers={"etag": tag})
    if request.method == "GET" or visit.version is not None:
        response.headers["etag"] = tag
    return response


def _tags(request: Request) -> set[str]:
    return {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
