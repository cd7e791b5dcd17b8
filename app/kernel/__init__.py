"""What every endpoint needs, written once; it knows nothing of the domain."""
