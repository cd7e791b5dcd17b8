"""Codes that are told once and said again."""

import re

from app.kernel.spoken_codes import ALPHABET, code_hash, new_code

SECRET = "a secret of this installation"


def test_a_code_is_easy_to_say_and_hard_to_guess():
    codes = {new_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code) for code in codes)
    assert not set("01ILOU") & set(ALPHABET)


def test_it_is_the_same_however_it_is_written_and_another_for_another_purpose():
    kept = code_hash(SECRET, "registration", "K7QD-M3XP")

    assert kept == code_hash(SECRET, "registration", "k7qd m3xp") == code_hash(SECRET, "registration", "K7QDM3XP")
    assert "K7QD" not in kept.upper()
    others = (("another secret", "registration"), (SECRET, "support-use"))
    assert kept not in {code_hash(secret, purpose, "K7QD-M3XP") for secret, purpose in others}
