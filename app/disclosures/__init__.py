"""Disclosures (utlämnanden): what was shared across a secrecy border, with whom, on which basis."""
