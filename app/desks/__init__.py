"""Coordination desks (samordningsfunktioner): where a family or a professional turns first."""
