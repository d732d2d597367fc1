"""Where settings become adapters and adapters become a program."""
