"""Meetings (SIP-möte, uppföljning, teammöte) around a child: who is called, who came, and what was written down."""
