"""What devices recorded while nobody listened, and sent later."""
