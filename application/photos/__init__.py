"""Images of a device: taken, looked at, remembered."""
