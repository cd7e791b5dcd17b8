"""The command line: what it says, and that what goes wrong is one clear line."""

import base64
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import cli, serving
from tests.contract import DOCUMENT

COMMANDS = [
    "serve",
    "work",
    "import",
    "migrate",
    "demo",
    "story",
    "users",
    "token",
    "client-key",
    "client-assertion",
    "openapi",
    "verify-log",
]
PRODUCTION = {
    "TILLSAMMANS_ENVIRONMENT": "production",
    "TILLSAMMANS_SECRET": "x" * 32,
    "TILLSAMMANS_PUBLIC_URL": "https://tillsammans.example",
    "TILLSAMMANS_TRUSTED_ISSUERS": "https://login.example",
    "TILLSAMMANS_AUDIENCE": "https://tillsammans.example/api",
    "TILLSAMMANS_DATABASE_URL": "postgresql://someone:hunter2@127.0.0.1:1/somewhere",
}


class Ran:
    """What a command answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


class Command:
    """Runs ``tillsammans`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        captured = self.capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)


@pytest.fixture
def tillsammans(alone: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def production(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    for name, value in PRODUCTION.items():
        if name not in missing:
            monkeypatch.setenv(name, value)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1


def test_the_command_alone_lists_the_commands(tillsammans: Command) -> None:
    said = tillsammans()

    assert [name for name in COMMANDS if name not in said.out + said.err] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(tillsammans: Command, name: str) -> None:
    said = tillsammans(name, "--help")

    assert said.code == 0
    assert "Usage: tillsammans" in " ".join(said.out.split()) or "Usage:" in said.out
    assert len(said.out.split()) > 20


def test_users_lists_everyone_there_always_is(tillsammans: Command) -> None:
    said = tillsammans("users")

    expected = [
        *("gnesta.school", "gnesta.social", "gnesta.coordinator", "gnesta.familycentre", "gnesta.logreviewer"),
        *("katrineholm.coordinator", "region.bup", "vingaker.manager", "vingaker.leader", "guardian.one"),
        *("guardian.two", "youth.one", "stats.reader", "sys.admin", "system.gnesta-school", "system.vingaker-import"),
    ]
    assert [name for name in expected if name not in said.out] == []


def test_token_prints_a_token_and_nothing_else(tillsammans: Command) -> None:
    said = tillsammans("token", "gnesta.school", "--scope", "cases.read", "--lifetime", "60")

    assert (said.code, said.err) == (0, "")
    assert said.out.count("\n") == 1
    found = claims(said.out)
    assert (found["sub"], found["scope"], found["exp"] - found["iat"]) == ("gnesta.school", "cases.read", 60)


def test_the_token_of_a_system_names_it_as_the_client(tillsammans: Command) -> None:
    found = claims(tillsammans("token", "system.gnesta-school").out)

    assert found["client_id"] == found["sub"] == "system.gnesta-school"
    assert claims(tillsammans("token", "gnesta.school").out)["client_id"] != "gnesta.school"


def test_a_token_is_issued_for_the_program_that_runs(tillsammans: Command, alone: Path) -> None:
    alone.mkdir()
    (alone / serving.SERVER_FILE).write_text(json.dumps({"url": "http://127.0.0.1:9111", "pid": os.getpid()}))

    assert claims(tillsammans("token", "gnesta.school").out)["iss"] == "http://127.0.0.1:9111/dev-idp"


def test_a_program_that_was_killed_is_not_taken_for_one_that_runs(
    tillsammans: Command, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    alone.mkdir()
    (alone / serving.SERVER_FILE).write_text(json.dumps({"url": "http://127.0.0.1:9111", "pid": gone.pid}))
    monkeypatch.setenv("PORT", "9222")

    assert claims(tillsammans("token", "gnesta.school").out)["iss"] == "http://127.0.0.1:9222/dev-idp"


def test_an_unknown_user_is_answered_with_the_names_meant(tillsammans: Command) -> None:
    said = tillsammans("token", "gnesta.scool")

    assert (said.code, said.out) == (1, "")
    assert one_line(said.err)
    assert "gnesta.school" in said.err


def test_a_system_gets_a_key_and_signs_with_it(tillsammans: Command, alone: Path) -> None:
    said = tillsammans("client-key", "system.gnesta-school")

    assert said.code == 0
    assert str(alone / "dev-idp-clients" / "system.gnesta-school.private.json") in said.out.replace(
        "data/", f"{alone}/"
    )
    assert 'client-assertion system.gnesta-school)" http://127.0.0.1:8000/dev-idp/token' in said.out
    assertion = tillsammans("client-assertion", "system.gnesta-school")
    assert (assertion.code, assertion.err, assertion.out.count("\n")) == (0, "", 1)
    found = claims(assertion.out)
    assert (found["iss"], found["aud"]) == ("system.gnesta-school", "http://127.0.0.1:8000/dev-idp")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["client-key", "gnesta.school"], "no demo system 'gnesta.school'"),
        (["client-key", "system.gnesta-shool"], "Did you mean system.gnesta-school"),
        (["client-assertion", "system.vingaker-import"], "tillsammans client-key system.vingaker-import"),
    ],
)
def test_a_key_is_for_a_system_and_made_first(tillsammans: Command, command: list[str], says: str) -> None:
    said = tillsammans(*command)

    assert (said.code, said.out) == (1, "")
    assert one_line(said.err)
    assert says in said.err


def test_production_names_everything_that_is_missing_at_once(
    tillsammans: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLSAMMANS_ENVIRONMENT", "production")

    said = tillsammans("serve")

    assert said.code == 1
    assert one_line(said.err)
    names = ("SECRET", "TRUSTED_ISSUERS", "DATABASE_URL", "PUBLIC_URL", "AUDIENCE")
    assert [name for name in names if f"TILLSAMMANS_{name}" not in said.err] == []


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "TILLSAMMANS_ENVIRONMENT"])
def test_production_does_not_start_without(tillsammans: Command, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    production(monkeypatch, missing)

    said = tillsammans("serve")

    assert said.code == 1
    assert one_line(said.err)
    assert missing in said.err


@pytest.mark.parametrize(
    "command", [["users"], ["token", "gnesta.school"], ["client-key", "system.gnesta-school"], ["demo"]]
)
def test_production_has_no_demo_users(
    tillsammans: Command, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    production(monkeypatch)

    said = tillsammans(*command)

    assert (said.code, said.out) == (1, "")
    assert "production" in said.err


def test_production_migrates_as_the_owner_only(tillsammans: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch)

    said = tillsammans("migrate")

    assert said.code == 1
    assert "TILLSAMMANS_OWNER_DATABASE_URL" in said.err


@pytest.mark.parametrize("command", ["serve", "verify-log"])
def test_a_database_out_of_reach_is_one_line_without_the_password(
    tillsammans: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    production(monkeypatch)
    monkeypatch.setenv("PORT", str(free_port()))

    said = tillsammans(command)

    assert said.code == 1
    assert one_line(said.err)
    assert "cannot be reached" in said.err
    assert "hunter2" not in said.err


def test_a_wrong_setting_is_named_without_its_value(tillsammans: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLSAMMANS_DATABASE_POOL_SIZE", "hunter2")

    said = tillsammans("serve")

    assert said.code == 1
    assert one_line(said.err)
    assert "TILLSAMMANS_DATABASE_POOL_SIZE" in said.err
    assert "hunter2" not in said.err


def test_a_port_in_use_is_told_before_anything_is_started(
    tillsammans: Command, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        said = tillsammans("serve")

    assert said.code == 1
    assert one_line(said.err)
    assert f"port {port}" in said.err
    assert not alone.exists()


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_a_usage_error(tillsammans: Command, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)

    assert tillsammans("serve").code == 2


def test_workers_belong_to_production(tillsammans: Command) -> None:
    said = tillsammans("serve", "--workers", "2")

    assert said.code == 1
    assert "production" in said.err


def test_the_contract_is_written_once_and_then_found_unchanged(
    tillsammans: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = tmp_path / "openapi" / "openapi.json"
    monkeypatch.setattr(cli, "CONTRACT", contract)
    monkeypatch.setattr("app.main.openapi_document", lambda: DOCUMENT)
    assert tillsammans("openapi", "--check").code == 1

    assert tillsammans("openapi").code == 0
    assert tillsammans("openapi", "--check").code == 0
    contract.write_text(contract.read_text("utf-8").replace("openapi", "opanapi", 1), "utf-8")
    assert tillsammans("openapi", "--check").code == 1


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("my.machine", "http://my.machine:8000"),
    ],
)
def test_the_public_address_can_be_reached(host: str, address: str) -> None:
    assert serving.public_address(host, 8000) == address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
