"""``tillsammans import`` and ``export``: files handed in and fetched by the same HTTP contract that everybody uses.

Nothing is kept here: the program knows a file that it has seen, so that the same command goes on watching an import
after Ctrl-C. A file that is fetched has its name only when it is whole.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app import credentials, serving
from app.config import API_PATH, Settings
from app.embedded import OperatorError

MEDIA_TYPES = {".csv": "text/csv", ".tsv": "text/csv", ".txt": "text/csv"}
NDJSON = "application/x-ndjson"
LINES_FAILED, REFUSED = 1, 2
_CHUNK_BYTES = 1 << 18
_LOOK_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 120.0
_WORDS = {
    "created": "created", "updated": "updated", "unchanged": "unchanged", "failed": "failed",
    "notApplied": "not applied",
}  # fmt: skip

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Json = dict[str, Any]


class Refusal(Exception):
    """The program says no, or cannot be reached: told in its own words."""


class Away(Exception):
    """Not now; perhaps in a moment."""


class Signed(httpx.Auth):
    """Signs each request anew: watching may take longer than a token lives."""

    def __init__(self, token: Callable[[], str]) -> None:
        self.token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Add the Authorization header."""
        request.headers["authorization"] = f"Bearer {self.token()}"
        yield request


class Caller(NamedTuple):
    """Who calls which program: a demo user by name, or whoever has a token."""

    name: str | None
    token: str | None
    url: str | None

    def client(self, settings: Settings) -> httpx.Client:
        """A client of the program; raises ``Refusal`` when it is not said who calls."""
        if (self.name is None) == (self.token is None):
            raise Refusal("Say who you are: --as NAME in development, otherwise TILLSAMMANS_TOKEN or --token.")
        return httpx.Client(
            base_url=self._address(settings) + API_PATH, auth=Signed(lambda: self._access_token(settings)),
            timeout=httpx.Timeout(30, read=600, write=600), headers={"accept-language": "en"},
        )  # fmt: skip

    def _address(self, settings: Settings) -> str:
        found = self.url or serving.running_address(settings.data_dir) or settings.public_url
        return found.rstrip("/").removesuffix(API_PATH)

    def _access_token(self, settings: Settings) -> str:
        if self.token is not None:
            return self.token
        here = settings.model_copy(update={"public_url": self._address(settings)})
        return credentials.access_token(here, self.name or "", scope=None, lifetime=3600)


def import_file(caller: Caller, file: Path, parameters: Json, report: Path | None, *, again: bool) -> int:
    """Hand the file in, watch it until it has ended, and write down what failed. Returns the exit status."""

    def transfer(client: httpx.Client) -> int:
        with _progress() as progress:
            job = _watch(client, _send(client, file, parameters, progress, again=again), progress)
        return _tell(client, file, job, report)

    return _calling(caller, transfer)


def export_file(caller: Caller, wanted: Json, file: Path) -> int:
    """Ask for an export and fetch it into the file. Returns the exit status."""

    def transfer(client: httpx.Client) -> int:
        export = _told(client.post("/exports", json=wanted))
        _fetch(client, export, file)
        lines = _told(client.get(f"/exports/{export['id']}"))["lines"]
        out.print(f"{file}: {lines} records", soft_wrap=True)
        return 0

    return _calling(caller, transfer)


def _fetch(client: httpx.Client, export: Json, file: Path) -> None:
    """What has broken off is no file: until it is whole it is called ``.part``."""
    part = file.with_name(f"{file.name}.part")
    with _progress() as progress, client.stream("GET", f"/exports/{export['id']}/content") as answer:
        if answer.status_code != 200:
            answer.read()
            _told(answer)
        task = progress.add_task("Fetching", total=None, count="")
        with part.open("wb") as written:
            for piece in answer.iter_bytes():
                written.write(piece)
                progress.update(task, count=f"{answer.num_bytes_downloaded} bytes")
    part.replace(file)


def _calling(caller: Caller, transfer: Callable[[httpx.Client], int]) -> int:
    try:
        with caller.client(Settings()) as client:
            return transfer(client)
    except (Refusal, OperatorError, Away, httpx.TransportError) as error:
        told = isinstance(error, Refusal | OperatorError)
        said = str(error) if told else "The program cannot be reached at the moment."
        err.print(f"[bold red]tillsammans:[/bold red] {said}", soft_wrap=True)
        return REFUSED


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _send(client: httpx.Client, file: Path, parameters: Json, progress: Progress, *, again: bool) -> Json:
    size = file.stat().st_size
    headers = {"content-type": MEDIA_TYPES.get(file.suffix.lower(), NDJSON), "content-length": str(size)}
    if again:
        headers["idempotency-key"] = secrets.token_urlsafe(16)
    task = progress.add_task("Sending", total=size, count="")
    with file.open("rb") as opened:
        content = _pieces(opened, progress, task)
        answer = client.post("/imports", params=parameters, headers=headers, content=content)
    job = _told(answer)
    if "idempotency-replayed" in answer.headers:
        err.print("This very file has been handed in before; --again imports it once more.", soft_wrap=True)
    return job


def _pieces(opened: BinaryIO, progress: Progress, task: TaskID) -> Iterator[bytes]:
    while piece := opened.read(_CHUNK_BYTES):
        yield piece
        progress.advance(task, len(piece))


def _watch(client: httpx.Client, job: Json, progress: Progress) -> Json:
    task = progress.add_task("Importing", total=job["counts"]["submitted"], count="")
    last_heard = time.monotonic()
    while job["finishedAt"] is None:
        time.sleep(_LOOK_EVERY_SECONDS)
        try:
            job, last_heard = _told(client.get(f"/imports/{job['id']}")), time.monotonic()
        except (httpx.TransportError, Away):
            if time.monotonic() - last_heard > _PATIENCE_SECONDS:
                raise
        counts = job["counts"]
        progress.update(task, completed=counts["done"], count=f"{counts['done']} of {counts['submitted']} lines")
    return job


def _tell(client: httpx.Client, file: Path, job: Json, report: Path | None) -> int:
    counts, because = job["counts"], job["failedBecause"]
    said = ", ".join(f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name]) or "no lines"
    out.print(f"{file.name}: {'dry run ' if job['dryRun'] else ''}{job['status']}, {said}", soft_wrap=True)
    if because:
        err.print(f"The import failed: {because}", soft_wrap=True)
    if counts["failed"]:
        path = report or file.with_name(f"{file.name}.report.ndjson")
        _write_report(client, job, path)
        err.print(f"{counts['failed']} of {counts['submitted']} lines failed; why stands in {path}", soft_wrap=True)
    return 0 if job["status"] == "completed" and not counts["failed"] else LINES_FAILED


def _write_report(client: httpx.Client, job: Json, path: Path) -> None:
    wanted = {"status": "failed"}
    with client.stream("GET", f"/imports/{job['id']}/results", params=wanted) as answer, path.open("wb") as report:
        if answer.status_code != 200:
            answer.read()
            _told(answer)
        for piece in answer.iter_bytes():
            report.write(piece)


def _told(answer: httpx.Response) -> Json:
    """What the program answers; raises ``Away`` and ``Refusal``."""
    if answer.status_code in (429, 503):
        raise Away
    try:
        said: Json = answer.json()
    except ValueError:
        raise Refusal(f"What answers at {answer.url.copy_with(query=None)} is not Tillsammans.") from None
    if answer.status_code >= 400:
        errors = "".join(f"\n  {error['pointer']} {error['message']}" for error in said.get("errors", ()))
        raise Refusal(f"{said['title']}. {said['detail']}{errors}")
    return said
