"""What the receiver of a referral does with it: receipt, acceptance, return, decline, booking … and passing it on."""
