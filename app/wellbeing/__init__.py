"""Wellbeing assessments: a wheel, filled in by or with somebody, shared, confirmed."""
