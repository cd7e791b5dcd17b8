"""Who may do what: written down where people who read no code can review it, and within what the rules allow."""

from pathlib import Path

import pytest

from app import states
from app.contract.operations import places
from app.law import render
from app.permissions import TABLE, WITHOUT_PARTY, Permission, Role, may_ever, scope_of
from tests.contract import DOCUMENT

COMMITTED = Path(__file__).parents[2] / "permissions.txt"

#: Areas that hold nothing about a child, and why. Every other area counts as identifiable.
WITHOUT_CHILDREN = {
    "me": "the caller's own user and assignment",
    "organisation": "municipalities, authorities and units; no persons",
    "user": "staff, who act in office",
    "desk": "where a desk is and when it is open",
    "centre": "where a family centre is, and its parts",
    "visit": "how many came to a family centre; nobody is named (R12.6)",
    "group": "which contact groups there are, their places as counts, and their leaders, who act in office",
    "demand": "how many wait for contact groups: pooled, from the smallest count up (R11.9)",
    "group_result": "what contact groups led to: pooled, from the smallest count up (R11.9)",
    "template": "the words of the wheel",
    "team": "which professionals are in an NPF team, and what it plans",
    "absence": "staff, who act in office",
    "support": "what support there is, for whom, and how to get it",
    "support_count": "how many, from the smallest count up; never who",
    "event": "that something has changed, by ids alone, and only of records that the role may read",
    "export": "what somebody asked to take out themselves; each kind of record asks for its own right",
    "webhook": "an address to which events are carried: ids alone, and only of records that the role may read",
    "import": "the file that somebody handed in themselves, line by line; each record asks for its own right",
}
#: The log is about children too; these two roles review it, and see no record (12.20).
REVIEWERS = {Role.LOG_REVIEWER: "reviews the log of the own authority", Role.DPO: "the same, for data protection"}
#: Permissions that no operation asks for by itself, and why they are there.
ASKED_ELSEWHERE = {
    Permission.PROTECTED_READ: "decides what any answer shows of a protected person (R2.5)",
    Permission.CHILD_SHIELD: "asked within deeds that set or lift protection itself (R2.5)",
}


def test_the_committed_table_is_the_programs() -> None:
    assert COMMITTED.exists(), "run `make openapi` and commit permissions.txt"
    assert COMMITTED.read_text("utf-8") == render(DOCUMENT), "run `make openapi` and commit permissions.txt"


def test_the_committed_state_machines_are_the_programs() -> None:
    committed = COMMITTED.with_name("docs") / "states.md"

    assert committed.read_text("utf-8") == states.render(), "run `make openapi` and commit docs/states.md"
    assert len(dict(states.machines())) >= 3


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(Permission)
    for permission, grants in TABLE.items():
        assert scope_of(permission)
        assert grants, f"nobody holds {permission}"
        assert all(grant.roles and grant.relations for grant in grants), permission


def test_the_text_tells_of_every_role_permission_and_operation() -> None:
    lines = [line.split() for line in render(DOCUMENT).splitlines()]
    words = {word.rstrip(":") for line in lines for word in line}

    operations = {place.operation["operationId"] for place in places(DOCUMENT)}
    assert words >= set(map(str, Permission)) | set(map(str, Role)) | operations


def test_every_permission_is_asked_for() -> None:
    asked = {place.operation["x-permission"] for place in places(DOCUMENT)} - {"public"}

    assert set(Permission) - asked == ASKED_ELSEWHERE.keys(), "ask for it, or say here why nobody does"


def test_every_operation_names_a_permission_and_its_scope() -> None:
    for place in places(DOCUMENT):
        named = place.operation["x-permission"]
        if named == "public":
            assert place.method == "get", place.path
            continue
        scopes = [requirement["oauth"] for requirement in place.operation["security"] if "oauth" in requirement]
        assert scopes == [[scope_of(Permission(named))]], place.path


@pytest.mark.rule("R1.1")
def test_a_system_administrator_reads_no_case_content() -> None:
    assert identifiable(Role.SYSTEM_ADMIN) == set()


@pytest.mark.rule("R1.2")
@pytest.mark.parametrize("role", [Role.STATISTICS_READER, Role.PROGRAMME_LEAD, Role.STEERING_MEMBER])
def test_statistics_and_steering_get_nothing_identifiable(role: Role) -> None:
    assert identifiable(role) == set()


@pytest.mark.rule("R1.1")
@pytest.mark.rule("R1.2")
def test_a_role_that_the_wall_knows_as_nobody_holds_no_permission_to_read_a_record() -> None:
    for role in WITHOUT_PARTY:
        areas = {permission.split(".")[0] for permission in identifiable(role)}
        assert areas <= ({"access_log", "disclosure"} if role in REVIEWERS else set()), role


def identifiable(role: Role) -> set[Permission]:
    """What a role may do, in any relation, with something about a child."""
    return {
        permission
        for permission in Permission
        if permission.split(".")[0] not in WITHOUT_CHILDREN and may_ever(role, permission)
    }
