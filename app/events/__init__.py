"""Events (händelser): that something has changed, told in order to whoever may see it. Ids and types, never content."""
