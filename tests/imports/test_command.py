"""``tillsammans import`` and ``export`` against a program on a socket: what they say, write, and how they end."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from app import cli, database, transfers
from app.config import Settings
from app.demo import load_directory
from app.dev_idp import DevIssuer
from app.main import create_app
from tests.conftest import NewDatabase
from tests.imports.steps import lines, offer

pytestmark = pytest.mark.database

Command = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def address(own_settings: Settings, new_database: NewDatabase) -> Iterator[str]:
    """A program that works, on a socket and a database of its own."""
    addresses = database.migrate(own_settings, new_database("command"))
    load_directory(own_settings, addresses)
    working = own_settings.model_copy(update={"work_interval_seconds": 0.02, "import_limit_bytes": 100_000})
    program = create_app(working, program_url=addresses.program)
    server = uvicorn.Server(uvicorn.Config(program, log_config=None, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def command(
    address: str, own_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.setattr(transfers, "_LOOK_EVERY_SECONDS", 0.02)
    token = DevIssuer.load(own_settings).access_token("gnesta.schoolmanager")

    def run(*arguments: str, verb: str = "import", token: str = token, url: str = address) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([verb, *arguments, "--token", token, "--url", url])
        said = capsys.readouterr()
        printed = [line for line in said.out.splitlines(keepends=True) if not line.startswith("{")]
        return int(ended.value.code or 0), "".join(printed) + said.err  # the program in the other thread writes its log

    return run


def test_a_file_is_imported_and_known_again(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "offers.ndjson"
    file.write_bytes(lines(offer("known-1"), offer("known-2")))

    first, again, anew = command(str(file)), command(str(file)), command(str(file), "--again")

    assert first == (0, "offers.ndjson: completed, 2 created\n")
    assert again[0] == 0
    assert "has been handed in before" in again[1]
    assert "2 created" in again[1]
    assert anew == (0, "offers.ndjson: completed, 2 unchanged\n")


def test_what_failed_stands_in_a_report_beside_the_file(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "offers.ndjson"
    file.write_bytes(lines(offer("report-1")) + b"{\n" + lines(offer("report-2", ageMin="old")))

    code, said = command(str(file), "--mode", "partial")

    report = tmp_path / "offers.ndjson.report.ndjson"
    assert code == 1
    assert said.startswith("offers.ndjson: completed, 1 created, 2 failed\n2 of 3 lines failed")
    assert str(report) in said
    assert [json.loads(line)["line"] for line in report.read_text().splitlines()] == [2, 3]


def test_a_dry_run_and_an_atomic_import_say_so(command: Command, tmp_path: Path) -> None:
    file, report = tmp_path / "offers.ndjson", tmp_path / "elsewhere"
    file.write_bytes(lines(offer("atomic-1"), offer("atomic-1")))

    dry = command(str(file), "--dry-run", "--report", str(report))
    atomic = command(str(file), "--mode", "atomic", "--report", str(report))

    assert dry[0] == atomic[0] == 1
    assert dry[1].startswith("offers.ndjson: dry run completed, 1 created, 1 failed")
    assert atomic[1].startswith("offers.ndjson: failed, 1 failed, 1 not applied\nThe import failed: import-not-applied")
    assert len(report.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "options", "told"),
    [
        ("offers.csv", "sourceId\n1\n", (), "/query/recordKind The field is required"),
        ("offers.csv", "sourceId;where\n", ("--kind", "support_offer"), "Unknown column. Column 2 "),
        ("offers.ndjson", "x" * 100_001, (), "Request too large. At most 100000 bytes."),
        ("offers.ndjson", "{}", ("--mode", "some"), "/query/mode "),
    ],
)
def test_a_refusal_is_told_in_the_programs_words(
    command: Command, tmp_path: Path, name: str, content: str, options: tuple[str, ...], told: str
) -> None:
    file = tmp_path / name
    file.write_text(content)

    code, said = command(str(file), *options)

    assert code == 2
    assert told in said


def test_whoever_cannot_be_reached_or_is_not_known_is_told(command: Command, tmp_path: Path, address: str) -> None:
    file = tmp_path / "offers.ndjson"
    file.write_bytes(b"{}\n")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        silent = f"http://127.0.0.1:{nobody.getsockname()[1]}"

    assert command(str(file), token="nonsense")[1].startswith("tillsammans: Authentication required. Send a valid")
    assert command(str(file), url=silent) == (2, "tillsammans: The program cannot be reached at the moment.\n")
    assert command(str(file), "--as", "gnesta.school")[1].startswith("tillsammans: Say who you are")


def test_what_is_taken_out_can_be_handed_in_again(command: Command, tmp_path: Path) -> None:
    first, taken = tmp_path / "offers.ndjson", tmp_path / "taken.ndjson"
    first.write_bytes(lines(offer("round-1"), offer("round-2")))
    command(str(first))
    why = ["--reason", "Prov av vägen ut och in igen."]

    assert command("support_offer", *why, "-o", str(taken), verb="export")[0] == 0

    found = taken.read_text().splitlines()
    assert {"round-1", "round-2"} <= {json.loads(line)["sourceId"] for line in found}
    code, said = command(str(taken))
    assert (code, said) == (0, f"taken.ndjson: completed, {len(found)} unchanged\n")


def test_an_export_that_is_refused_or_breaks_off_leaves_no_file(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, file = ["support_offer", "--reason", "Prov av ett uttag som bryts av.", "-o"], tmp_path / "none.ndjson"
    code, said = command("child", "--reason", "kort", "-o", str(file), verb="export")
    assert (code, "/reason" in said) == (2, True)

    async def breaks(*_: object) -> None:
        raise RuntimeError("the export breaks off")

    monkeypatch.setattr("app.exports.service.repository.fetched", breaks)
    assert command(*wanted, str(file), verb="export")[0] == 2
    assert not file.exists()
