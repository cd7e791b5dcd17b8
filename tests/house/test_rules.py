"""Which domain rules have a test. The list of those without one can only shrink."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
RULES = {
    number: text.strip()
    for number, text in re.findall(r"^(R\d+\.\d+)(.*)$", (Path(__file__).parent / "rules.txt").read_text("utf-8"), re.M)
}

#: In scope without a test, and why. A rule that gets one leaves this list.
REASONS: dict[str, str] = {
    "R6.10": "statistics are a later issue; no aggregate of wheels exists, which test_no_verdict shows",
    "R14.1": "strategy plans are a later resource of the contract (api.md 5); their activities are here (12.14)",
}


def test_every_rule_in_scope_has_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    marks = found_marks()
    with capsys.disabled():
        print("\n" + report(marks))

    assert {number for number, _ in marks} - RULES.keys() == set(), "a mark names a rule that rules.txt does not know"
    missing = RULES.keys() - {number for number, _ in marks}
    assert missing - REASONS.keys() == set(), "write a test with @pytest.mark.rule, or a reason"
    assert REASONS.keys() - missing == set(), "these have a test now: take them out of REASONS"


def test_the_rules_are_known() -> None:
    assert len(RULES) >= 80
    assert all(RULES.values())
    last_of = {"R1": 7, "R2": 9, "R3": 10, "R4": 11, "R5": 8, "R6": 10, "R7": 15, "R8": 5, "R10": 5}
    for chapter, last in {**last_of, "R11": 10, "R12": 7, "R13": 7, "R14": 7}.items():
        assert {f"{chapter}.{number}" for number in range(1, last + 1)} <= RULES.keys()


def test_a_mark_is_found_wherever_it_stands() -> None:
    source = """
pytestmark = pytest.mark.rule("R1.1")

@pytest.mark.rule("R1.2")
@pytest.mark.parametrize("case", [pytest.param(1, marks=pytest.mark.rule("R1.3"))])
async def test_it(case): ...
"""
    assert list(marks_in(ast.parse(source))) == ["R1.1", "R1.2", "R1.3"]


def found_marks() -> set[tuple[str, str]]:
    """Every rule that a test is marked with, and in which file."""
    files = sorted(TESTS.rglob("test_*.py"))
    return {
        (number, str(file.relative_to(TESTS)))
        for file in files
        if file != Path(__file__)
        for number in marks_in(ast.parse(file.read_text("utf-8"), str(file)))
    }


def marks_in(tree: ast.AST) -> Iterator[str]:
    """The numbers that ``pytest.mark.rule`` is called with, in the order of the source."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.mark.rule", "mark.rule")
    ]
    for call in sorted(calls, key=lambda node: node.lineno):
        (number,) = call.args
        assert isinstance(number, ast.Constant), f"line {call.lineno}: write the number out"
        yield str(number.value)


def report(marks: set[tuple[str, str]]) -> str:
    """One line for each rule: its number, what it says, and where it is tested."""
    files = defaultdict(list)
    for number, file in sorted(marks):
        files[number].append(file)
    lines = [
        f"  {number:<6} {text[:84]:<84}  {', '.join(files[number]) or REASONS.get(number, 'NO TEST')}"
        for number, text in RULES.items()
    ]
    tested = sum(number in files for number in RULES)
    return "\n".join([f"Domain rules with a test: {tested} of {len(RULES)}", *lines])
