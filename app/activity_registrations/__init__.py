"""Registrations to activities (anmälningar): a place or a place in line, without a name."""
