"""Referrals to a family centre (hänvisningar): a closed loop from draft to completion."""
