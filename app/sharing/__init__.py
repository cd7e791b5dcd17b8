"""Sharing (delning): what consents and disclosures have in common: categories, circles, and what is opened in them."""
