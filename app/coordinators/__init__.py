"""Coordinators (samordnare): asked, accepting, handing over, and who answers until then."""
