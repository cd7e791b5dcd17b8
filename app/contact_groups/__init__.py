"""Contact groups (kontaktgrupper): the groups, their leaders and their sessions."""
