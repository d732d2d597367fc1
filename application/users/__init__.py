"""What concerns a user as a whole: account, archive, erasure, costs."""
