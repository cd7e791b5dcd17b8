"""The queue to a contact group (kö): wishes, consent, priority, offers, and what the line looks like from above."""
