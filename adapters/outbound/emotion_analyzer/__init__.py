"""What measures feelings in a voice."""
