"""About the API (om API:et): what it is, its code lists, and what its problems mean."""
