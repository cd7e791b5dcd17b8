"""Cases (ärenden): opening, circle, named contact, transfers, chronology, and the access log of a case."""
