"""Sweden's national REST API profile 2.0.0, one case for each rule that a machine can check (conventions.md 1.2).

A rule returns what breaks it. The program follows the profile except for what ``EXCEPTIONS`` says; rules that no
machine checks, or whose text could not be obtained, are listed with the reason and printed: nobody claims conformance.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.contract.operations import Place, places
from app.contract.schemas import every_schema
from tests.contract import DOCUMENT

Findings = Iterator[str]
Rule = Callable[[], Findings]

PLACES = list(places(DOCUMENT))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
SERVERS = [server["url"] for server in DOCUMENT["servers"]]
INFO = DOCUMENT["info"]
RULES: dict[str, Rule] = {}

EXCEPTIONS = {
    "AME.04": "`_links` and `_meta` begin with an underscore, as FNS.10, FNS.11 and HYP.03 ask.",
    "FNS.08": "Pages are found by `offset` and cursor; there is no `page` parameter that could start at 1.",
}
UNCHECKED = {
    "MOG.03": "Prose: the operations that look somebody up by POST say why.",
    "UFN.03": "A judgement about meaning; RES.02 looks at the names.",
    "UFN.04": "The profile's list of standard parameters could not be obtained.",
    "RES.05": "A judgement about design; ids are UUIDv7 (docs/decisions).",
    "ARQ.03": "Declaring Accept, Date or Cookie as parameters is what OpenAPI 3.1 ignores.",
    "ARQ.06": "Shown by the tests of idempotency and If-Match.",
    "VER.01": "test_breaking_changes.py compares with the last committed contract.",
    "VER.02": "test_breaking_changes.py compares with the last committed contract.",
    "VER.03": "About clients.",
    "VER.08": "Nothing is deprecated yet.",
    "VER.09": "Nothing is deprecated yet.",
    "VER.11": "The API has been active from its first version.",
    "FNS.02": "No text could be obtained, as of FNS.12-14, VER.13-19, WEB.01-06, CAC.01, DOK.02, DOK.10, some SAK.",
    "HYP.02": "The door gives a GET a transaction that changes nothing but the access log.",
    "HYP.19": "Actions have no registered relation names; self, next, prev and first do.",
    "SAK.02": "TLS is the proxy's; production demands an https address.",
    "SAK.03": "TLS is the proxy's; production demands an https address.",
    "SAK.12": "The issuer's policy; tokens that live over an hour are refused (tests/kernel/test_auth.py).",
    "SAK.25": "Shown by the tests of every problem: nothing sent is echoed.",
    "SAK.26": "Shown by the tests of every problem: nothing sent is echoed.",
}


def rule(*ids: str) -> Callable[[Rule], Rule]:
    """Register a check under its rule ids."""

    def register(check: Rule) -> Rule:
        RULES.update(dict.fromkeys(ids, check))
        return check

    return register


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        *_, kind, name = node["$ref"].split("/")
        node = DOCUMENT["components"][kind][name]
    return node


def parameters(place: Place) -> list[dict[str, Any]]:
    return [resolved(parameter) for parameter in place.operation["parameters"]]


def query_parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for place in PLACES:
        yield from ((place.path, found) for found in parameters(place) if found["in"] == "query")


def responses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for place in PLACES:
        for status, response in place.operation["responses"].items():
            yield place.operation["operationId"], status, resolved(response)


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, schema in SCHEMAS.items():
        yield from ((name, field, inner) for field, inner in schema.get("properties", {}).items())


def segments() -> Iterator[tuple[str, str]]:
    for path in DOCUMENT["paths"]:
        yield from ((path, part) for part in path.strip("/").split("/") if not part.startswith("{"))


@rule("MOG.01")
def richardson_level_two() -> Findings:
    if len(DOCUMENT["paths"]) < 2 or len({place.method for place in PLACES}) < 2:
        yield "at least two paths and two methods"


@rule("MOG.02", "HYP.03", "HYP.05")
def hypermedia() -> Findings:
    without = [
        name for name, schema in SCHEMAS.items() if name.endswith("Page") and "_links" not in schema["properties"]
    ]
    yield from without
    if not any(field == "_links" for _, field, _ in fields()):
        yield "no schema has _links"


@rule("UFN.01", "VER.05")
def address_has_api_and_version() -> Findings:
    yield from (url for url in SERVERS if not re.fullmatch(r"https://[^/]+/[a-z][a-z-]*/v\d+", url))


@rule("UFN.02", "SAK.01")
def https_only() -> Findings:
    yield from (url for url in SERVERS if urlsplit(url).scheme != "https" or urlsplit(url).port not in (None, 443))


@rule("UFN.05")
def short_addresses() -> Findings:
    yield from (path for path in DOCUMENT["paths"] if len(SERVERS[0] + path) > 1024)


@rule("UFN.07", "UFN.08")
def lower_case_and_hyphens() -> Findings:
    allowed = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
    yield from (path for path, part in segments() if not allowed.fullmatch(part) and path != "/openapi.json")


@rule("UFN.09")
def no_underscore_in_path_parameters() -> Findings:
    yield from (path for path in DOCUMENT["paths"] if re.search(r"[_ %]", path))


@rule("RES.01", "RES.03", "RES.04")
def ids_are_uuids() -> Findings:
    for place in PLACES:
        for found in parameters(place):
            if found["in"] == "path" and found["name"].endswith("Id") and found["schema"].get("format") != "uuid":
                yield f"{place.path}: {found['name']}"


@rule("RES.02")
def names_of_nobody() -> Findings:
    told = re.compile(r"personn|pnr|ssn|identity|samordning|orgn(umme)?r|organisationnumber", re.IGNORECASE)
    for place in PLACES:
        yield from (f"{place.path}: {found['name']}" for found in parameters(place) if told.search(found["name"]))


@rule("RES.06")
def resources_are_nouns() -> Findings:
    verbs = re.compile(r"(get|post|put|patch|delete|create|update)(-|$)")
    yield from (path for path, part in segments() if verbs.match(part))


#: What is a picture, a paper, a calendar or a file of lines is that, and JSON stands beside it.
FILES = {"image/svg+xml", "application/pdf", "text/calendar", "application/x-ndjson", "text/csv"}


@rule("AME.01", "AME.02", "ARQ.01", "ARQ.04")
def json_everywhere() -> Findings:
    for place in PLACES:
        body = place.operation.get("requestBody")
        if body and "application/json" not in body["content"] and not body["content"].keys() <= FILES:
            yield f"{place.path}: the request"
    for name, status, response in responses():
        kinds = response.get("content", {}).keys()
        if status < "400" and kinds and "application/json" not in kinds and not kinds <= FILES:
            yield f"{name}: {status}"


@rule("AME.04", "AME.05", "AME.07")
def camel_case_letters() -> Findings:
    allowed = re.compile(r"_?[a-z]+([A-Z][a-z]*)*")
    yield from (f"{name}.{field}" for name, field, _ in fields() if not allowed.fullmatch(field))


@rule("AME.06")
def lists_are_plural() -> Findings:
    for name, field, inner in fields():
        listed = inner.get("type") == "array" or "array" in (inner.get("type") or [])
        if listed and not re.search(r"(s|items|people|children|By|About|To|Told|For|agenda|attended)$", field):
            yield f"{name}.{field}"


@rule("ARQ.02", "DOK.21", "SAK.10")
def bearer_tokens() -> Findings:
    schemes = DOCUMENT["components"]["securitySchemes"]
    yield from (name for name, found in schemes.items() if found["type"] == "http" and found["scheme"] != "bearer")
    yield from (place.path for place in PLACES if "security" not in place.operation)
    yield from (place.path for place in PLACES if place.public and place.operation["x-permission"] != "public")


@rule("ARQ.05")
def headers_are_texts() -> Findings:
    for place in PLACES:
        for found in parameters(place):
            if found["in"] == "header" and found["schema"].get("type") not in ("string", "integer"):
                yield f"{place.path}: {found['name']}"


@rule("ARP.02", "DOK.13", "DOK.20")
def statuses_are_documented() -> Findings:
    for place in PLACES:
        wanted = {"429", "500"} if place.public else {"400", "401", "403", "422", "429", "500", "503"}
        missing = wanted - place.operation["responses"].keys()
        if missing:
            yield f"{place.operation['operationId']}: {sorted(missing)}"
    yield from (f"{name}: {status}" for name, status, response in responses() if not response.get("description"))


@rule("ARP.03", "ARP.04")
def created_has_a_location() -> Findings:
    for name, status, response in responses():
        if status in ("201", "202") and "Location" not in response["headers"]:
            yield f"{name}: {status}"


@rule("FEL.01")
def problem_documents_are_whole() -> Findings:
    wanted = {"type", "title", "status", "detail", "instance"}
    for name, status, response in responses():
        for content in response.get("content", {}).values() if status >= "400" else ():
            schema = resolved(content["schema"])
            if schema.get("type") != "object" or not wanted <= schema["properties"].keys():
                yield f"{name}: {status}"


@rule("FEL.02")
def errors_are_problem_documents() -> Findings:
    for name, status, response in responses():
        if status >= "400" and list(response.get("content", {})) != ["application/problem+json"]:
            yield f"{name}: {status}"


@rule("VER.04", "VER.12")
def semantic_version() -> Findings:
    if not re.fullmatch(r"[1-9]\d*\.\d+\.\d+", INFO["version"]):
        yield INFO["version"]


@rule("VER.06", "VER.07", "VER.10")
def api_info() -> Findings:
    wanted = ["apiName", "apiVersion", "apiReleased", "apiDocumentation", "apiStatus"]
    content = DOCUMENT["paths"]["/api-info"]["get"]["responses"]["200"]["content"]["application/json"]
    if list(resolved(content["schema"])["properties"]) != wanted:
        yield "the members of /api-info"


@rule("SPA.02")
def every_operation_takes_traceparent() -> Findings:
    for place in PLACES:
        if not any(found["in"] == "header" and found["name"] == "traceparent" for found in parameters(place)):
            yield place.path


@rule("SPA.04")
def every_answer_has_traceparent() -> Findings:
    for name, status, response in responses():
        if "schema" not in resolved(response.get("headers", {}).get("traceparent", {})):
            yield f"{name}: {status}"


@rule("SPA.07")
def no_other_trace_header() -> Findings:
    other = re.compile(r"x-(request|correlation|trace)-id", re.IGNORECASE)
    yield from (place.path for place in PLACES if any(other.fullmatch(found["name"]) for found in parameters(place)))


@rule("FNS.01", "FNS.03", "FNS.06")
def query_parameters_are_camel_case() -> Findings:
    allowed = re.compile(r"[a-z]+([A-Z][a-z]*)*")
    yield from (
        f"{path}: {found['name']}" for path, found in query_parameters() if not allowed.fullmatch(found["name"])
    )


@rule("FNS.05")
def query_parameters_are_optional() -> Findings:
    yield from (f"{path}: {found['name']}" for path, found in query_parameters() if found.get("required"))


@rule("FNS.07", "FNS.08")
def pages_have_a_limit() -> Findings:
    for place in PLACES:
        names = {found["name"] for found in parameters(place) if found["in"] == "query"}
        if {"offset", "page", "cursor"} & names and "limit" not in names:
            yield place.path


@rule("FNS.09")
def limit_is_twenty() -> Findings:
    for path, found in query_parameters():
        if found["name"] == "limit" and found["schema"].get("default") != 20:
            yield path


@rule("FNS.10", "FNS.11")
def pages_have_meta_and_links() -> Findings:
    wanted = {"items", "_meta", "_links"}
    yield from (name for name in SCHEMAS if name.endswith("Page") and not wanted <= SCHEMAS[name]["properties"].keys())


@rule("HYP.07")
def links_are_absolute() -> Findings:
    for name, _, response in responses():
        for content in response.get("content", {}).values():
            for example in content.get("examples", {}).values():
                value = resolved(example)["value"]
                links = value.get("_links", {}) if isinstance(value, dict) else {}
                yield from (name for link in links.values() if not link["href"].startswith("https://"))


@rule("HYP.11", "HYP.12", "HYP.13", "HYP.14", "HYP.15", "HYP.16", "HYP.17")
def links_are_whole() -> Findings:
    yield from {"href", "rel", "method"} - set(SCHEMAS["Link"]["required"])
    for name, field, inner in fields():
        if field == "_links" and inner != {"$ref": "#/components/schemas/Links"}:
            yield f"{name}._links"


@rule("DOT.01", "DOT.02", "DOT.03", "DOT.04")
def dates_have_an_example() -> Findings:
    forms = {"date": r"\d{4}-\d\d-\d\d", "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"}
    for name, schema in SCHEMAS.items():
        for part in every_schema(schema):
            form = forms.get(part["format"]) if isinstance(part.get("format"), str) else None
            if form and not re.fullmatch(form, part.get("example", "")):
                yield f"{name}: {part}"


@rule("DOK.01")
def external_documentation() -> Findings:
    yield from {"description", "url"} - DOCUMENT["externalDocs"].keys()


@rule("DOK.03")
def who_and_on_which_terms() -> Findings:
    yield from {"title", "version", "description", "contact", "license", "termsOfService"} - INFO.keys()
    yield from {"name", "url", "email"} - INFO["contact"].keys()
    yield from {"name", "url"} - INFO["license"].keys()


@rule("DOK.06", "DOK.07", "DOK.11")
def both_languages() -> Findings:
    for words in ({"och", "med", "en"}, {"and", "with", "the"}):
        yield from words - set(re.findall(r"\w+", INFO["description"].lower()))


@rule("DOK.08")
def service_level() -> Findings:
    yield from {"availability", "responseTime", "support"} - INFO["x-sla"].keys()


@rule("DOK.09")
def known_limits() -> Findings:
    if not INFO["x-limitations"]:
        yield "x-limitations"


@rule("DOK.12", "DOK.19")
def operations_are_described() -> Findings:
    yield from (place.path for place in PLACES if not place.operation["summary"] or not place.operation["description"])


@rule("DOK.15")
def examples_beside_json() -> Findings:
    for place in PLACES:
        for media, content in place.operation.get("requestBody", {}).get("content", {}).items():
            if not content.get("examples"):
                yield f"{place.path}: {media}"
    for name, status, response in responses():
        for media, content in response.get("content", {}).items():
            if media.endswith("json") and not content.get("examples"):
                yield f"{name}: {status}"


@rule("DOK.04", "DOK.05", "DOK.16", "DOK.17", "DOK.18", "DOK.22", "DOK.23", "DOK.24")
def the_specification_is_at_the_root() -> Findings:
    if not DOCUMENT["openapi"].startswith("3.1") or "/openapi.json" not in DOCUMENT["paths"]:
        yield "openapi.json"


@rule("SAK.09", "SAK.15", "SAK.16")
def no_weak_schemes() -> Findings:
    schemes = DOCUMENT["components"]["securitySchemes"]
    yield from (name for name, found in schemes.items() if found["type"] not in ("http", "oauth2"))
    yield from (name for name, found in schemes.items() if found.get("scheme") in ("basic", "digest"))


@rule("SAK.18")
def oauth_over_https() -> Findings:
    for flow in DOCUMENT["components"]["securitySchemes"]["oauth"]["flows"].values():
        yield from (value for key, value in flow.items() if key.endswith("Url") and not value.startswith("https://"))


@rule("SAK.29")
def wrong_media_types_are_told() -> Findings:
    yield from (
        place.path for place in PLACES if "requestBody" in place.operation and "415" not in place.operation["responses"]
    )


@rule("FOR.02")
def get_has_no_body() -> Findings:
    yield from (place.path for place in PLACES if place.method == "get" and "requestBody" in place.operation)


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_rule(rule_id: str) -> None:
    broken = list(RULES[rule_id]())
    assert not broken, f"{rule_id} is broken by {broken[:10]}"


def test_the_list_of_rules_is_honest(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        lines = [f"  {name:7} {why}" for name, why in sorted({**UNCHECKED, **EXCEPTIONS}.items())]
        print(f"\nREST API profile 2.0.0: {len(RULES)} rules checked; exceptions, and what no machine checks here:")
        print("\n".join(lines))
    assert len(RULES) > 70
    assert not UNCHECKED.keys() & RULES.keys()
    assert EXCEPTIONS.keys() <= RULES.keys()


# A few of the rules on live answers.

Clients = Callable[[str | None], httpx.AsyncClient]


async def test_ver_06_api_info_needs_no_token(client_for: Clients) -> None:
    answer = await client_for(None).get("/api-info")
    assert answer.status_code == 200
    assert list(answer.json()) == ["apiName", "apiVersion", "apiReleased", "apiDocumentation", "apiStatus"]


async def test_dok_23_the_contract_is_at_the_root_and_cacheable(client_for: Clients) -> None:
    answer = await client_for(None).get("/openapi.json")
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()
    assert answer.headers["cache-control"].startswith("public")
    again = await client_for(None).get("/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/api-info", "/units", "/units?limit=0", "/nowhere"])
async def test_spa_04_the_trace_goes_on(client_for: Clients, path: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await client_for("gnesta.school").get(path, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.headers["traceparent"].startswith(f"00-{trace}-")


async def test_fel_01_an_error_is_a_problem_document(client_for: Clients) -> None:
    answer = await client_for(None).get("/units")
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= answer.json().keys()


async def test_fns_10_a_page_has_meta_and_absolute_links(client_for: Clients) -> None:
    page = (await client_for("gnesta.school").get("/units")).json()
    assert page["_meta"]["limit"] == 20
    assert page["_links"]["self"]["href"].startswith("http")


async def test_sak_29_an_unknown_media_type_is_refused(client_for: Clients) -> None:
    answer = await client_for("sys.admin").post("/units", content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


async def test_sak_17_no_origin_is_allowed_by_default(client_for: Clients) -> None:
    answer = await client_for("gnesta.school").get("/units", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers
