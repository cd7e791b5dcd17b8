"""Visits to family centres as counts: no names, no ids, no free text (R12.6)."""
