"""Imports (inläsningar): many records at once, by the same rules as by hand, a line of answer for each line."""
