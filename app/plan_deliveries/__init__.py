"""Copies of a plan (kopior): who got which version, how, and who has said that it came."""
