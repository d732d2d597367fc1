"""Capture journals: what was received, written down before anything is made of it."""
