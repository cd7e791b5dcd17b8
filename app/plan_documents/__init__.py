"""The plan on paper: a version as a PDF, for the family or for the professions."""
