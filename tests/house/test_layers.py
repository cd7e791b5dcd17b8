"""The shape of the house: who may know whom, which files a package has, and how long anything may grow."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
FILE_LIMIT, FUNCTION_LIMIT = 300, 50
LAYERS = ("router", "access", "service", "repository", "schemas", "labels", "models")
#: Packages that hold one of the layers' files without being an area of the domain, and why.
NO_AREA = {
    "kernel": "the ground floor; knows nothing of the domain",
    "about": "what the program says of itself: no database, no access",
    "contract": "builds OpenAPI; its `schemas` are JSON Schemas",
    "dev_idp": "the issuer of development; another program in truth",
    "exchange": "the lines of files, an adapter for each kind of record; beside them only the keys of records",
}


@pytest.fixture(scope="module")
def contracts() -> list[dict[str, Any]]:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return list(linter["contracts"])


def test_nobody_knows_whom_they_should_not() -> None:
    """The contracts of ``[tool.importlinter]`` in pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


def test_the_contracts_of_the_house_are_there(contracts: list[dict[str, Any]]) -> None:
    """Layers between packages and inside them, exhaustive, and two things forbidden."""
    assert sorted(contract["type"] for contract in contracts) == ["forbidden", "forbidden", "layers", "layers"]
    assert all(contract["exhaustive"] for contract in contracts if contract["type"] == "layers")


def test_every_area_keeps_the_layers_inside(contracts: list[dict[str, Any]]) -> None:
    (inside,) = (found for found in contracts if found["type"] == "layers" and found["containers"] != ["app"])
    areas = {
        f"app.{package.name}"
        for package in APP.iterdir()
        if any((package / f"{layer}.py").exists() for layer in LAYERS) and package.name not in NO_AREA
    }

    assert set(inside["containers"]) == areas, "name the package in the second contract of [tool.importlinter]"


def test_a_repository_is_reached_only_by_its_own_package_and_other_repositories() -> None:
    """Import contract 5 of the house; services are what other packages call."""
    strange = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in sorted(APP.rglob("*.py"))
        for module in imported(file)
        if module.startswith("app.") and module.endswith(".repository")
        and file.parent != APP / module.split(".")[1]
        and file.name != "repository.py"
    ]  # fmt: skip
    assert strange == []


def test_nothing_grows_past_what_one_reads_in_one_sitting(capsys: pytest.CaptureFixture[str]) -> None:
    files = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in APP.rglob("*.py")}
    functions = dict(found for file in APP.rglob("*.py") for found in function_lengths(file))
    with capsys.disabled():
        print("\nThe longest files and functions:\n" + "\n".join(longest(files) + longest(functions)))

    assert {name: lines for name, lines in files.items() if lines >= FILE_LIMIT} == {}, "a noun is hiding in it: split"
    assert {name: lines for name, lines in functions.items() if lines >= FUNCTION_LIMIT} == {}


def imported(file: Path) -> set[str]:
    """Every module that a file imports, with ``from package import module`` written out."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def function_lengths(file: Path) -> list[tuple[str, int]]:
    """Every function of a file with its number of lines, docstring and signature included."""
    return [
        (f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def longest(lengths: dict[str, int]) -> list[str]:
    """The tail, ready to print."""
    tail = sorted(lengths.items(), key=lambda pair: -pair[1])[:5]
    return [f"  {lines:>4}  {name}" for name, lines in tail]
