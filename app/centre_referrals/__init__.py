"""Referrals to family centres: written, sent, shown to whom it concerns, withdrawn; what they rest on."""
