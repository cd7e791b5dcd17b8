"""Who does what in a plan: chair, documenter, main responsible, and the principal with overall responsibility."""
