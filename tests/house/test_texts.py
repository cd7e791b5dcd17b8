"""What stands in the repository: texts in both languages, no traces of a machine, nobody's real personal number."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from personnummer import personnummer

import app.main  # noqa: F401 - every problem of the program is defined once its routers are imported
from app.kernel.errors import Problem, Text
from app.people.testnumbers import TEST_PERSONNUMMER, TEST_SAMORDNINGSNUMMER

ROOT = Path(__file__).parents[2]
PROBLEMS = sorted(Problem.registry.values(), key=lambda problem: problem.code)

#: Written with a bar in each, so that this file does not hold what it looks for.
INDEXES = ("py|pi.org", "python|hosted.org", "--index|-url", "index_|url =", "--find|-links", "--trusted|-host")
TOOLS = ("anth|ropic", "cla|ude", "chat|gpt", "co|pilot", "issues| show", "str_replace|_based")
PATHS = re.compile(r"(?<![\w.:/~-])/(?:work|root|home|Users|tmp|mnt|private)/[\w.]+")
#: Lines that name a path on purpose, and why. It may only shrink.
INTENDED_PATHS = {".ci/run /t|mp/tillsammans": "mktemp's pattern for the throw-away PostgreSQL of CI"}
NUMBER = re.compile(r"(?<![\d-])(?:(?:18|19|20)\d{6}[-+]?\d{4}|\d{6}[-+]\d{4})(?![\w-])")


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.code)
def test_a_problem_speaks_both_languages(problem: type[Problem]) -> None:
    for text in (problem.title, problem.detail):
        assert isinstance(text, Text)
        assert text.sv.strip()
        assert text.en.strip()
        assert text.sv != text.en
    assert not fields(problem.title)
    assert placeholders(problem.detail.sv) == placeholders(problem.detail.en), "both are given the same values"


def test_a_problem_is_given_every_value_that_its_text_names() -> None:
    """Where a problem is made, each ``{name}`` of its text is among the arguments."""
    wanted = {problem.__name__: fields(problem.detail) for problem in PROBLEMS if fields(problem.detail)}
    assert wanted.keys() >= {"BodyTooLarge", "InsufficientScope", "ImpossibleInThisState"}

    empty = [
        f"{file.relative_to(ROOT)}:{line} makes {name} without {sorted(wanted[name] - given)}"
        for file in sorted((ROOT / "app").rglob("*.py"))
        for name, line, given in made_in(ast.parse(file.read_text("utf-8")))
        if name in wanted and not wanted[name] <= given
    ]
    assert empty == []


def test_no_text_shows_more_than_counts_dates_and_codes() -> None:
    """R2.3: a text that had room for a name or a number would sooner or later hold one."""
    personal = {"name", "value", "identifier", "personnummer", "child", "guardian", "address", "email", "phone"}
    assert [problem.code for problem in PROBLEMS if fields(problem.detail) & personal] == []


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    found, intended = [], {line.replace("|", "") for line in INTENDED_PATHS}
    for file, text in files():
        lowered = text.lower()
        found += [f"{file} names {word}" for word in (*INDEXES, *TOOLS) if word.replace("|", "") in lowered]
        found += [f"{file} names {path}" for path in PATHS.findall(text) if f"{file} {path}" not in intended]
    assert found == []


@pytest.mark.rule("R2.3")
def test_every_personal_number_is_an_official_test_number() -> None:
    official = {number[2:] for number in (*TEST_PERSONNUMMER, *TEST_SAMORDNINGSNUMMER)}
    seen = {}
    for file, text in files():
        for number in NUMBER.findall(text):
            digits = re.sub(r"\D", "", number)[-10:]
            if personnummer.valid(number):
                seen[digits] = str(file)

    assert len(seen) >= 50, "the test no longer finds the official list itself"
    assert {number: file for number, file in seen.items() if number not in official} == {}


def files() -> Iterator[tuple[Path, str]]:
    """Every text file that is committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        try:
            yield Path(name), (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def fields(text: Text) -> set[str]:
    """The names in braces, in either language."""
    return placeholders(text.sv) | placeholders(text.en)


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def made_in(tree: ast.AST) -> Iterator[tuple[str, int, set[str]]]:
    """Every ``Name(key=…)`` and every ``raise Name`` with the keywords it is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno, {keyword.arg or "" for keyword in node.keywords}
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
            yield node.exc.id, node.lineno, set()
