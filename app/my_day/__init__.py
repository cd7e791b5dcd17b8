"""My day (min dag): what is due for the caller, why, and on which legal basis."""
