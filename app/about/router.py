"""Endpoints about the API itself, for anybody: what it is, its contract, its code lists, and what its problems mean."""

from datetime import date
from importlib.metadata import version
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import Path, Request

from app.about import schemas
from app.codes import CODE_LISTS, Coded
from app.kernel.errors import NotFound, Problem, Text
from app.kernel.http.pages import Pages
from app.kernel.http.public import PublicRouter

RELEASED = date(2026, 11, 22)

api = PublicRouter("api", Text("Om API:et: version, livscykel och kontrakt.", "About the API: version and contract."))
code_lists = PublicRouter(
    "code-lists",
    Text("Kodverk med etiketter på svenska och engelska.", "Code lists with labels in Swedish and English."),
)
problems = PublicRouter(
    "problems", Text("Vad varje felkod betyder.", "What every problem code means: the addresses in `type` lead here.")
)

_PAGES = Pages(FilePath(__file__).parent / "templates")
_ALSO_AS_A_PAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
Slug = Annotated[str, Path(pattern="^[a-z0-9-]{1,100}$", examples=["not-found"])]


@api.get("/api-info", operation_id="getApiInfo", response_model=schemas.ApiInfo)
async def get_api_info(request: Request) -> Any:
    """Which API and version this is, and where its documentation stands."""
    return {
        "api_name": "Tillsammans",
        "api_version": version("tillsammans"),
        "api_released": RELEASED,
        "api_documentation": f"{_root(request)}/docs",
        "api_status": schemas.ApiStatus.ACTIVE,
    }


@api.get("/openapi.json", operation_id="getOpenApi", response_model=dict[str, Any])
async def get_open_api(request: Request) -> Any:
    """This contract, as OpenAPI 3.1."""
    return request.app.openapi()


@code_lists.get("/code-lists", operation_id="listCodeLists", response_model=schemas.CodeListPage)
async def list_code_lists(request: Request) -> Any:
    """Every code list with its codes and their labels in both languages. Labels may be reworded; codes never change."""
    return _page(request, "/code-lists", [_code_list(request, CODE_LISTS[name]) for name in sorted(CODE_LISTS)])


@code_lists.get("/code-lists/{codeList}", operation_id="getCodeList", response_model=schemas.CodeList)
async def get_code_list(
    request: Request,
    code_list: Annotated[str, Path(alias="codeList", pattern="^[a-z0-9-]{1,100}$", examples=["sector"])],
) -> Any:
    """One code list by its name."""
    for codes in CODE_LISTS.values():
        if codes.list_name() == code_list:
            return _code_list(request, codes)
    raise NotFound


@problems.get(
    "/problems", operation_id="listProblems", response_model=schemas.ProblemKindPage, responses=_ALSO_AS_A_PAGE
)
async def list_problems(request: Request) -> Any:
    """Every kind of problem that the API can answer with. Branch on `code`, never on the texts."""
    shown = [_problem(request, Problem.registry[code]) for code in sorted(Problem.registry)]
    if prefers_html(request.headers.get("accept", "")):
        return _PAGES.page("problems.html", problems=shown, root=_root(request))
    return _page(request, "/problems", shown)


@problems.get(
    "/problems/{slug}", operation_id="getProblem", response_model=schemas.ProblemKind, responses=_ALSO_AS_A_PAGE
)
async def get_problem(request: Request, slug: Slug) -> Any:
    """What one problem code means. A browser gets a page to read, everybody else JSON."""
    kind = Problem.registry.get(slug)
    if kind is None:
        raise NotFound
    shown = _problem(request, kind)
    if prefers_html(request.headers.get("accept", "")):
        return _PAGES.page("problem.html", problem=shown, root=_root(request))
    return shown


def prefers_html(accept: str) -> bool:
    """Whether an Accept header ranks a page above JSON, as browsers do (RFC 9110 12.5.1)."""
    return _quality(accept, "text/html") > _quality(accept, "application/json")


def _quality(accept: str, media_type: str) -> float:
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        stated = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        found[name] = float(stated) if stated.replace(".", "", 1).isdecimal() else 0.0
    wider = (media_type, media_type.split("/")[0] + "/*", "*/*")
    return next((found[name] for name in wider if name in found), 0.0)


def _root(request: Request) -> str:
    return str(request.app.state.settings.api_url)


def _links(request: Request, path: str) -> dict[str, Any]:
    return {"self": {"href": _root(request) + path, "rel": "self", "method": "GET"}}


def _page(request: Request, path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    meta = {"limit": len(items), "offset": 0, "count": len(items), "total_records": len(items)}
    return {"items": items, "meta": meta, "links": _links(request, path)}


def _code_list(request: Request, codes: type[Coded]) -> dict[str, Any]:
    language = request.state.language
    return {
        "name": codes.list_name(),
        "description": " ".join((codes.__doc__ or "").split()),
        "codes": [
            {"code": code, "label": code.label.in_language(language), "labels": code.label._asdict()} for code in codes
        ],
        "links": _links(request, f"/code-lists/{codes.list_name()}"),
    }


def _problem(request: Request, kind: type[Problem]) -> dict[str, Any]:
    language = request.state.language
    return {
        "code": kind.code,
        "type": f"{_root(request)}/problems/{kind.code}",
        "status": kind.status,
        "title": kind.title.in_language(language),
        "detail": kind.detail.in_language(language),
        "titles": kind.title._asdict(),
        "details": kind.detail._asdict(),
        "background": " ".join(kind.__doc__.split()) if kind.__doc__ else None,
        "links": _links(request, f"/problems/{kind.code}"),
    }


routers = (api, code_lists, problems)
