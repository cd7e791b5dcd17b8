"""Corrections (rättelser): what a text was before it was corrected. Nothing is erased (domain.md R3.8)."""
