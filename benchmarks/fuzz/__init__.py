"""Frames that no client should send, in great number, beside sessions that must not notice."""
