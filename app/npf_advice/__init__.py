"""What comes of a matter before an NPF team: advice, what each principal takes on, and how it went."""
