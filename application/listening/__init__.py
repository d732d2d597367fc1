"""From packets to words: live sessions, the conversations they belong to, and their recovery."""
