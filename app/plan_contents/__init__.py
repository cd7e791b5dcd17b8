"""What a plan holds: needs, goals, and each principal's own actions."""
