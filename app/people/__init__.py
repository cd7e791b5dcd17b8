"""People: children, guardians, custody, identifiers, protected identity (domain.md 12.2)."""
