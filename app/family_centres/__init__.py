"""Family centres (familjecentraler, familjecentralsliknande, 0-18): parts, opening hours, visits as counts."""
