"""People: children, identifiers, protected identity and checkpoints (domain.md 12.2)."""
