"""The plan takes effect: everything that R7.2 asks is there, a version is made, and everybody gets a copy."""
