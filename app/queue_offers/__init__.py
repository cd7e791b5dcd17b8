"""Places that are offered to children in line (erbjudanden): made, read and declined; a yes is a place (R11.5)."""
