"""Tillsammans: municipalities and their region, together around a child."""
