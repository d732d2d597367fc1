"""A model of the Omi app as it was at three times: what it sends, what it reads, and what makes it crash."""
