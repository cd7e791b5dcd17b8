"""Whether a contact group helped: attendance, follow-ups by three respondents, pooled results."""
