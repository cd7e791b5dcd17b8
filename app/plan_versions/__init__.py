"""Versions of a plan: what it said when it was agreed, and what has changed since."""
