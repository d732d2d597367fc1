"""Firmware of devices."""
