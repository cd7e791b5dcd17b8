"""Organisations (organisationer): municipalities, authorities (nämnder), units, users and their assignments."""
