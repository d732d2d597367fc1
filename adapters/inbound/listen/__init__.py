"""The socket an Omi app streams to."""
