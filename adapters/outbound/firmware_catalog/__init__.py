"""Firmware catalogs: what there is for devices."""
