"""Texts in two languages, and enums in which every code carries one: the code never changes, the label is shown.

A code list is a ``Coded`` enum and nothing else; being defined, it stands under ``/code-lists`` and in the contract::

    class Sector(Coded):
        SOCIAL = "social", "Socialtjänst", "Social services"
"""

import re
from enum import StrEnum
from typing import NamedTuple, Self


class Text(NamedTuple):
    """One text in both languages."""

    sv: str
    en: str

    def in_language(self, language: str) -> str:
        """The Swedish text for ``sv``, the English one otherwise."""
        return self.sv if language == "sv" else self.en


class Coded(StrEnum):
    """A code list: members are ``NAME = "code", "svensk etikett", "English label"``; the value is the code."""

    label: Text

    def __new__(cls, code: str, sv: str = "", en: str = "") -> Self:
        """One code with its labels; leaving one out is a TypeError where the enum is defined."""
        if not (sv and en):
            raise TypeError(f'{cls.__name__}: write NAME = "{code}", "svensk etikett", "English label"')
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = Text(sv, en)
        return member

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__name__ in CODE_LISTS:
            raise TypeError(f"two code lists are called {cls.__name__}: the contract can name only one of them")
        CODE_LISTS[cls.__name__] = cls

    @classmethod
    def list_name(cls) -> str:
        """The name in addresses: ``unit-type`` for ``UnitType``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


#: Every code list of the program, by the name of its enum.
CODE_LISTS: dict[str, type[Coded]] = {}
