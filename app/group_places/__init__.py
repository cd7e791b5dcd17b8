"""Places in contact groups (platser): given, reviewed each term, ended by decision."""
