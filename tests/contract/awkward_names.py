"""Names of users and memories that a store may trip over."""

NAMES = [
    "",
    " ",
    "..",
    "../ann",
    "/etc/passwd",
    "a/b\\c",
    "\x00",
    "ann\x00",
    "\ud83d",
    "🦄",
    "ANN",
    "'; --",
    "n" * 5_000,
]
