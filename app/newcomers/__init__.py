"""Newcomers (nya barn): children with those around them, one or many, made the same way."""
