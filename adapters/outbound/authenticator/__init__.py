"""Authenticators: whose token is it."""
