"""Consents (samtycken): asked, given, refused, withdrawn; may this authority see this category now?"""
