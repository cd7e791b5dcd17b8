"""Invitations to meetings (kallelser och inbjudningar): who is called, what they answer, and who came."""
