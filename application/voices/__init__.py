"""Whose voice it is: people, profiles, learning and correcting."""
