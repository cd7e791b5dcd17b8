"""Consent requirements (vem som behöver samtycka): proposed, then confirmed by a professional (R4.3)."""
