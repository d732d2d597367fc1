"""The process that listens: sockets, keepalive, limits, draining."""
