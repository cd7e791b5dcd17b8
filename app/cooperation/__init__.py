"""Cooperation (samverkan) around a case: the units in its circle, and hand-overs (överlämningar) between them."""
