"""How a child comes into the line of a contact group (önskemål): whose wish, made where, for which grade."""
