"""Stand-ins for vendors that speak their protocols: `omi simulate`. No key, no account, no cost."""
