"""Guardians (vårdnadshavare): custody over time, and the family's standing in the child's circles (domain.md 12.2)."""
