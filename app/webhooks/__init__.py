"""Webhooks: events that are carried to a subscriber, signed, until they have arrived."""
