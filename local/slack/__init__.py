"""A stand-in for Slack on this machine."""
