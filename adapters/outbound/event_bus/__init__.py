"""Event buses: news for the sessions of a user."""
