"""What happened to a plan, step by step, and who refused one: written once, never changed."""
