"""The queue to a contact group (kö): who stands in it, on which consent, how urgently, and how each came out."""
