"""Vaults: the keys of users, and what seals values with them."""
