"""Places (platser) that cannot be overbooked, and the line for them: contact groups and activities share it."""
