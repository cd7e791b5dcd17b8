"""Crisis notes (krisinformation): what only the authorities that are named, and the family, know of (R7.12)."""
