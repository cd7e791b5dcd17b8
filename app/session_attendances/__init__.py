"""Attendance (närvaro) at the sessions of contact groups: a mark for each place, numbers for the group."""
