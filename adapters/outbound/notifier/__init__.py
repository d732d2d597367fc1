"""Notifiers: a tap on the shoulder."""
