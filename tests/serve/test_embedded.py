"""The embedded PostgreSQL survives what happens to programs on people's own machines."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.embedded import EmbeddedPostgres, OperatorError

KILLED_PROGRAM = """
import os, signal, sys
from pathlib import Path
from app.embedded import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1])).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(place / "postgres")
    yield server
    server.stop()


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.folder / "postmaster.pid").read_text().split()[0])


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


def test_starting_twice_is_starting_once(server: EmbeddedPostgres) -> None:
    first = server.start()
    born = ask(first, "select pg_postmaster_start_time()")

    assert server.start() == first
    assert ask(first, "select pg_postmaster_start_time()") == born


def test_a_stopped_server_is_gone_and_starts_again(server: EmbeddedPostgres) -> None:
    url = server.start()
    server.stop()

    assert refuses(url)
    assert ask(server.start(), "select 1") == 1
    log = server.folder.with_name("postgres.log").read_text()
    assert "was shut down" in log
    assert "not properly shut down" not in log


def test_an_acknowledged_write_survives_kill_9(server: EmbeddedPostgres) -> None:
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept select generate_series(1, 200)")
    server.crash()
    assert refuses(url)

    assert ask(server.start(), "select count(*) from kept") == 200


def test_writes_are_flushed_before_they_are_acknowledged(server: EmbeddedPostgres) -> None:
    url = server.start()

    settings = [ask(url, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]

    assert settings == ["on", "on", "on"]


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_matter(server: EmbeddedPostgres, place: Path) -> None:
    server.start()
    stale = (server.folder / "postmaster.pid").read_text().splitlines()
    server.crash()
    stranger = EmbeddedPostgres(place / "stranger")  # a process of the same user, or PostgreSQL would ignore it
    stranger.start()
    (server.folder / "postmaster.pid").write_text("\n".join([str(postmaster(stranger)), *stale[1:]]) + "\n")
    for lock in server.folder.glob(".s.PGSQL.*.lock"):
        lock.write_text("\n".join([str(postmaster(stranger)), *stale[1:5]]) + "\n")

    try:
        assert ask(server.start(), "select 1") == 1
    finally:
        stranger.stop()


def test_the_server_of_a_killed_program_is_taken_over(server: EmbeddedPostgres) -> None:
    program = subprocess.run([sys.executable, "-c", KILLED_PROGRAM, str(server.folder)], check=False)
    assert program.returncode == -signal.SIGKILL
    orphan = postmaster(server)

    url = server.start()
    assert postmaster(server) == orphan
    server.stop()
    assert refuses(url)


def test_only_the_last_program_stops_it(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.folder)
    url = server.start()
    assert other.start() == url

    server.stop()
    assert ask(url, "select 1") == 1
    other.stop()
    assert refuses(url)


def test_ctrl_c_in_the_terminal_does_not_reach_it(server: EmbeddedPostgres) -> None:
    server.start()

    assert os.getsid(postmaster(server)) != os.getsid(0)


def test_nobody_else_reaches_the_socket_or_the_data(server: EmbeddedPostgres) -> None:
    url = server.start()

    assert server.folder.stat().st_mode & 0o077 == 0
    assert ask(url, "show listen_addresses") == ""


@pytest.mark.parametrize("name", ["å ä ö", "one, two", "long-" * 20])
def test_any_path_will_do(place: Path, name: str) -> None:
    server = EmbeddedPostgres(place / name / "postgres")
    try:
        assert ask(server.start(), "show data_directory") == str(server.folder)
    finally:
        server.stop()


def test_an_interrupted_first_start_leaves_nothing_half_made(place: Path) -> None:
    half = place / "interrupted.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(place / "interrupted")
    try:
        assert ask(server.start(), "select 1") == 1
    finally:
        server.stop()


@pytest.mark.parametrize(("name", "content"), [("PG_VERSION", "16\n"), ("letters.txt", "dear all")])
def test_a_folder_that_is_not_ours_is_left_alone(place: Path, name: str, content: str) -> None:
    folder = place / f"not ours {name}"
    folder.mkdir()
    (folder / name).write_text(content)
    server = EmbeddedPostgres(folder)

    with pytest.raises(OperatorError, match="move it away"):
        server.start()
    server.stop()

    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(name, content)]


def test_where_it_is_not_installed_the_setting_to_use_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    server = EmbeddedPostgres(place / "not installed")

    with pytest.raises(OperatorError, match="TILLSAMMANS_DATABASE_URL"):
        server.start()
    server.stop()
