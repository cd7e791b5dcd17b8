"""Chronology (kronologi): significant events, each owned by the authority that wrote it."""
