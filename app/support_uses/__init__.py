"""Use of support: talks counted, names only where the offer records them."""
