"""Sample files for imports: the demo world as the lines that would bring it into an empty database.

Everybody hands in their own: the directory is the system administrator's, the rest each unit's. Records that nobody has
named get readable names, and the world is loaded as of one day, so that the files are always the same.
"""

import csv
import io
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.demo.deeds import called
from app.demo.loading import NO_TRACE, SOURCE_SYSTEM
from app.demo.staff import EVERYBODY, Somebody
from app.exchange import table
from app.exchange.adapters import ADAPTERS
from app.exchange.lines import KIND_FIELD, OURS, RecordKind, Selection
from app.kernel.auth import Identity
from app.kernel.context import Visit
from app.kernel.errors import Denied
from app.kernel.http.door import Kernel
from app.organisations import service as organisations
from app.permissions import CASEWORK, Permission, Role

#: The day as of which the samples are written.
SAMPLE_DAY: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIRECTORY: Final = "directory"
_OF_DIRECTORY: Final = (RecordKind.AUTHORITY, RecordKind.UNIT, RecordKind.USER, RecordKind.ASSIGNMENT)
_OF_UNITS: Final = tuple(kind for kind in RecordKind if kind not in _OF_DIRECTORY and kind in ADAPTERS)
_PAGE: Final = 100

Json = dict[str, Any]
#: Lines by their kind, in the order in which they refer to each other.
Lines = dict[RecordKind, list[Json]]
Table = list[list[str]]


def movers() -> dict[str, str]:
    """Who hands in the lines of which unit, and of the directory: its manager, or whoever comes nearest to one."""
    found = {DIRECTORY: "sys.admin"}
    for somebody in sorted(EVERYBODY, key=_rank):
        if somebody.unit and somebody.role in CASEWORK:
            found.setdefault(somebody.unit, somebody.subject)
    return found


def _rank(somebody: Somebody) -> int:
    return {Role.UNIT_MANAGER: 0, Role.CASE_ADMIN: 1}.get(somebody.role, 2)


async def exported(kernel: Kernel) -> dict[str, Lines]:
    """Every line of the world as its owners may export it: of the directory, and of each unit that has any."""
    found: dict[str, Lines] = {}
    for place, subject in movers().items():
        async with _reading(kernel, subject) as visit:
            lines = {kind: await _lines(visit, kind) for kind in (_OF_DIRECTORY if place == DIRECTORY else _OF_UNITS)}
        found[place] = {kind: of_kind for kind, of_kind in lines.items() if of_kind}
    return {place: lines for place, lines in found.items() if lines}


@asynccontextmanager
async def _reading(kernel: Kernel, subject: str) -> AsyncIterator[Visit]:
    async with kernel.database.transaction(write=False) as tx:
        identity = Identity(kernel.settings.api_url, subject, None, frozenset(), 0, "")
        actor = await organisations.find_actor(tx, identity, None, kernel.clock.now())
        yield await kernel.act_as(tx, actor, Permission.EXPORT_READ, "getExport", trace_id=NO_TRACE)


async def _lines(visit: Visit, kind: RecordKind) -> list[Json]:
    found: list[Json] = []
    after = None
    try:
        while page := await ADAPTERS[kind].page(visit, Selection(), after, _PAGE):
            found += [line.entry.model_dump(mode="json", by_alias=True, exclude_unset=True) for line in page]
            after = page[-1].id
    except Denied:
        return []
    return found


def files(world: Mapping[str, Lines]) -> dict[str, str]:
    """The sample files by name: one with everything for each who hands in, and one table of each kind."""
    named = _Names().give(world)
    written = {f"{place}.ndjson": _ndjson(lines) for place, lines in named.items()}
    for kind in RecordKind:
        tables = [_table(kind, lines[kind]) for lines in named.values() if kind in lines]
        if tables:
            written[f"{kind.value}.csv"] = _csv(max(tables, key=_told))
    return written


def _ndjson(lines: Lines) -> str:
    rows = ({KIND_FIELD: kind.value, **line} for kind, of_kind in lines.items() for line in of_kind)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _table(kind: RecordKind, lines: Iterable[Json]) -> Table:
    """The lines of a kind as rows below their header, with the columns that are in use."""
    header = table.columns(ADAPTERS[kind].entry)
    rows = [table.to_cells(header, line) for line in lines]
    used = [place for place in range(len(header)) if any(row[place] for row in rows)]
    return [[row[place] for place in used] for row in (header, *rows)]


def _told(rows: Table) -> tuple[int, int]:
    """Of several tables of a kind the one that shows most is the sample."""
    return len(rows[0]), len(rows)


def _csv(rows: Table) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


class _Names:
    """Readable names for what only has an id here, the same wherever it is referred to."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def give(self, world: Mapping[str, Lines]) -> dict[str, Lines]:
        """The same lines, every record by a name under the system ``demo``."""
        for kind in RecordKind:
            for lines in world.values():
                for line in lines.get(kind, ()):
                    self._name(kind, line)
        return {
            place: {kind: [self._renamed(line) for line in of_kind] for kind, of_kind in lines.items()}
            for place, lines in world.items()
        }

    def _name(self, kind: RecordKind, line: Json) -> None:
        if line["sourceSystem"] != OURS:
            return
        name = called(self._called(kind, line))
        taken = sum(given == name or given.startswith(f"{name}-no-") for given in self._given.values())
        self._given[line["sourceId"]] = f"{name}-no-{taken + 1}" if taken else name

    def _called(self, kind: RecordKind, line: Json) -> str:
        if kind is RecordKind.CHILD:
            return " ".join(line[name] for name in ("givenName", "familyName") if name in line)
        if "childSourceId" in line:
            child = line["childSourceId"]
            return f"{kind.value} {self._given.get(child, child)}"
        return str(line.get("nameSv") or line.get("name") or kind.value)

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renamed(item) for item in value]
        if not isinstance(value, dict):
            return value
        line = {name: self._renamed(field) for name, field in value.items()}
        for name in value:
            if name.lower().endswith("sourceid") and line[name] in self._given:
                line |= {name: self._given[line[name]], f"{name.removesuffix('Id')}System": SOURCE_SYSTEM}
        return line


def write(folder: Path) -> None:
    """Load the demo world into a database that is thrown away; its lines become all that is in the folder."""
    import asyncio

    from app import database
    from app.config import Settings
    from app.demo import load
    from app.kernel.clock import FixedClock
    from app.main import create_app

    async def read(settings: Settings, program_url: str) -> dict[str, Lines]:
        kernel: Kernel = create_app(settings, program_url=program_url, clock=FixedClock(SAMPLE_DAY)).state.kernel
        await kernel.database.open()
        try:
            return await exported(kernel)
        finally:
            await kernel.database.close()

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(data_dir=Path(home), database_url=None, owner_database_url=None)
        with database.running(settings) as found:
            addresses = database.migrate(settings, found.owner)
            load(settings, addresses, FixedClock(SAMPLE_DAY))
            written = files(asyncio.run(read(settings, addresses.program)))
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in written.items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
