"""NPF teams: professionals of psychiatry, social services and school, and their plan."""
