"""Exports (uttag): what the caller may see as lines of a file, for a stated reason."""
