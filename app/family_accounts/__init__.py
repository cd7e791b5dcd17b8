"""Family accounts (inloggningar): the own sign-in of a guardian or a young person (domain.md 12.21)."""
