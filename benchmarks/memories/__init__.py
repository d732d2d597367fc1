"""Thousands of conversations become memories while everything fails: lost, doubled and left-over ones are counted."""
