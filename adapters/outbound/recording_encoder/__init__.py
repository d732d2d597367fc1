"""Recording encoders: samples to files."""
