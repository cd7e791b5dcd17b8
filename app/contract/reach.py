"""Which named problems an endpoint can answer with: read from the code, so that the contract cannot forget one.

Starting from the endpoint and its loaders, every function, method and model of ours whose name the code uses is
followed. It may list a problem that a branch never reaches; it does not miss one that is raised by its name.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args, get_type_hints

from fastapi.dependencies.models import Dependant

from app.kernel.errors import Problem
from app.kernel.reactions import REACTIONS, tell

_OURS = "app."


def problems_reached(route: Any) -> set[type[Problem]]:
    """The problems that this endpoint, or a loader that it depends on, can raise."""
    return problems_of(_calls(route.dependant))


def problems_of(functions: Iterable[Callable[..., Any]]) -> set[type[Problem]]:
    """The problems that these functions, and what they call, can raise."""
    found: set[type[Problem]] = set()
    seen: set[FunctionType] = set()
    waiting = [function for function in functions if isinstance(function, FunctionType)]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        for thing in _used_by(function):
            if isinstance(thing, FunctionType):
                waiting.append(thing)
            else:
                found.add(thing)
    return {problem for problem in found if problem.code in Problem.registry}


def _calls(dependant: Dependant) -> Iterator[FunctionType]:
    if isinstance(dependant.call, FunctionType):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


@lru_cache(maxsize=4096)
def _used_by(function: FunctionType) -> tuple[Any, ...]:
    """Our functions and problems that this function's code names."""
    names = frozenset(_names(function.__code__))
    known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    things = [known[name] for name in sorted(names) if name in known]
    things += [vars(thing)[name] for thing in things if _our_module(thing) for name in names if name in vars(thing)]
    things += _classes_in(function)
    things += [kind for thing in things if isinstance(thing, FunctionType) and _ours(thing) for kind in _results(thing)]
    if any(thing is tell for thing in things):
        things += [each for thing in things if isinstance(thing, type) for each in REACTIONS.get(thing, ())]
    used: list[Any] = []
    for thing in things:
        if isinstance(thing, type) and issubclass(thing, Problem):
            used.append(thing)
        elif isinstance(thing, FunctionType):
            used += [thing] if _ours(thing) else []
        elif not isinstance(thing, ModuleType):
            used += _methods(thing if isinstance(thing, type) else type(thing), names)
    return tuple(used)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _classes_in(function: FunctionType) -> list[type]:
    """The classes of our own that the arguments are, and the class that a method belongs to."""
    found = [kind for hint in _hints(function).values() for kind in _flat(hint)]
    owner = inspect.getmodule(function)
    for part in function.__qualname__.split(".")[:-1]:
        owner = getattr(owner, part, None)
    return [*found, owner] if isinstance(owner, type) else found


def _results(function: FunctionType) -> list[type]:
    return list(_flat(_hints(function).get("return")))


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, TypeError):  # a hint for the type checker only
        return {}


def _flat(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and hint.__module__.startswith(_OURS):
        yield hint
    for inner in get_args(hint):
        yield from _flat(inner)


def _methods(kind: type, names: frozenset[str]) -> list[FunctionType]:
    if not kind.__module__.startswith(_OURS):
        return []
    members = _members(kind)
    found = [members[name] for name in sorted(names & members.keys())]
    plain = [getattr(method, "__func__", getattr(method, "fget", method)) for method in found]
    return [method for method in plain if isinstance(method, FunctionType) and _ours(method)]


@cache
def _members(kind: type) -> dict[str, Any]:
    """What a class has of its own and from those it derives from, as it stands there."""
    return {name: member for each in reversed(kind.__mro__) for name, member in vars(each).items()}


def _our_module(thing: Any) -> bool:
    return isinstance(thing, ModuleType) and thing.__name__.startswith(_OURS)


def _ours(function: FunctionType) -> bool:
    return function.__module__.startswith(_OURS)
