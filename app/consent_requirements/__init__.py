"""Consent requirements (vem behöver samtycka): proposed from age and custody, confirmed by a professional (R4.2, R4.3)."""
