"""The parties of a referral: whom it is about, who may send it where, and whom each receiver takes."""
