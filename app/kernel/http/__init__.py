"""What every endpoint shares: the door, conditional requests, idempotency, problems, the envelope, the contract."""
