"""Follow-ups of a plan (uppföljningar), and how it ends: whether it helped, goal by goal and in the family's words."""
