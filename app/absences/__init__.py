"""Absences (frånvaro) of staff: who is away, who stands in, and when somebody last gave a sign (R5.6)."""
