"""Who stands behind a plan: the parties with what they commit themselves to, and their acceptances."""
