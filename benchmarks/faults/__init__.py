"""The fault matrix: every fault, at every moment, of every vendor, counted in words."""
