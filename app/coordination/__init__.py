"""Requests to a coordination desk: heard, triaged with the five questions, answered."""
