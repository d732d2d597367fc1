"""Voice activity detectors: how likely it is that somebody speaks."""
