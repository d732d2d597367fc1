"""How much of what is asked for is found: conversations in the format of LoCoMo, by path."""
