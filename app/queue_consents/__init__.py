"""What a place in the line rests on where another authority has sent a child: its consent, followed by ids alone."""
