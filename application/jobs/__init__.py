"""Durable work: who does it, and what happens when it fails."""
