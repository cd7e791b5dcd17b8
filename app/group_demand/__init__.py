"""How many children wait for contact groups, pooled so that no small number is told."""
