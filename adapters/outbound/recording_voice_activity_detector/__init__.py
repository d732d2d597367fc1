"""Speech in finished recordings: where it starts and ends."""
