"""Actions (åtgärder): each principal's own in a common plan, what is asked about them, and what happens to them."""
