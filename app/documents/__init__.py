"""Documents to hand out: what is already known, set on paper; no database, no HTTP."""
