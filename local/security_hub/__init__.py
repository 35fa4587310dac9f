"""A stand-in for AWS Security Hub on this machine."""
