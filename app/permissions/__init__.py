"""The law of the house: who may do what, in one enum and one table.

A permission is granted by a pair: the **role** a person acts in (their assignment, *uppdrag*) and the
**relation** that role has to the record at hand. Nothing else grants anything. The table is printed into
``permissions.txt`` so that people who read no code can review it (``domain.md`` 12.22, R1.1-R1.4).
"""

from app.permissions.deeds import FULL_SCOPE, Permission, in_scope, scope_of
from app.permissions.roles import CASEWORK, EVERY_ROLE, FAMILY, MANAGERS, STAFF, WITHOUT_PARTY, Relation, Role
from app.permissions.table import TABLE, Grant, may, may_ever

__all__ = [
    "CASEWORK", "EVERY_ROLE", "FAMILY", "FULL_SCOPE", "MANAGERS", "STAFF", "TABLE", "WITHOUT_PARTY", "Grant",
    "Permission", "Relation", "Role", "in_scope", "may", "may_ever", "scope_of",
]  # fmt: skip
