"""Plans (SIP, Barnets plan): the record and its states, from need to closure."""
