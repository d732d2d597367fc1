"""Speaker segmenters: who speaks when in a short piece of audio."""
