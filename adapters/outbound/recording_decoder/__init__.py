"""Recording decoders: files that somebody sends to samples."""
