"""Speaker encoders: a voice to a vector."""
