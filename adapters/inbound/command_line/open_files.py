"""How many files, and with them connections, this process may have open."""


def most_open_files() -> int | None:
    """Files that this process may have open once it has asked for all it may; None where nobody counts."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def raise_open_files() -> None:
    """Asks for as many open files as this process may have: each connection is one, and the usual 1,024 are few."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
