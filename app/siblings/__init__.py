"""Siblings (syskon): a relation between two children that only their own unit knows (domain.md 12.2, R2.6, R2.7)."""
