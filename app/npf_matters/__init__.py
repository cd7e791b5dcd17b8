"""Matters before an NPF team: about a child with consent, or anonymous."""
