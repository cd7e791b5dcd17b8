"""Contact groups (kontaktgrupper): the groups and their leaders."""
