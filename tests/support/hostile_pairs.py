"""Users and identifiers that read alike when somebody joins them carelessly, or takes them for paths or patterns."""

from domain.ids import UserId

PAIRS = tuple(
    (UserId(user), identifier)
    for user, identifier in (
        ("a", "b/c"),
        ("a/b", "c"),
        ("a/b/", "c"),
        ("a", "b:c"),
        ("a:b", "c"),
        ("a", "b-c"),
        ("a-b", "c"),
        ("a", "b#c"),
        ("a#b", "c"),
        ("a", "../a/c"),
        ("../a", "c"),
        ("a", "c"),
        ("A", "c"),
        ("", "a/c"),
        ("a", ""),
        ("*", "c"),
        ("a*", "c"),
        ("a%", "c"),
        ("_", "c"),
        ("用户", "記憶"),
        ("пользователь", "память"),
        ("x" * 1_000, "c"),
        ("x" * 999, "xc"),
        ("a", "x" * 1_000),
        ("a", "x" * 999 + "y"),
    )
)
"""(user, identifier): all are different."""
GONE, STAYING = PAIRS[::2], PAIRS[1::2]
