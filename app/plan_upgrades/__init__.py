"""From a Barnets plan to a SIP: the new plan is linked to the earlier one, and nothing is copied (R7.4)."""
