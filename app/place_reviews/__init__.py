"""Reviews of places in contact groups: one each term, so that nobody just stays or just has to go (R11.6)."""
