"""Case openings (ärenden som öppnas): one or many, made the same way."""
