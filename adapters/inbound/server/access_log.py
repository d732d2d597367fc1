"""Keeps out of the log what clients could put there.

Query strings: older apps put the account into them, careless ones a token. And a traceback for each of their mistakes.
"""

import logging
import re

LOGGERS = ("uvicorn.error", "uvicorn.access")
"""Both: the WebSocket side writes its requests to the first one, whether access is logged or not."""

_QUERY = re.compile(r"\?[^\s\"']*")


_MISTAKES = ("Invalid UTF-8 sequence received from client.",)
"""Clients are told by close codes. Whoever sends many of them would fill the log."""


class WithoutQueries(logging.Filter):
    """Cuts everything behind a question mark out of paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites a record; drops those of which clients can make as many as they like."""
        if record.msg in _MISTAKES:
            return False
        record.msg = _cut(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(value) for value in record.args)
        return True


def keep_queries_out() -> None:
    """Puts the filter on the server's loggers, once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, WithoutQueries) for known in logger.filters):
            logger.addFilter(WithoutQueries())


def _cut(value: object) -> object:
    return _QUERY.sub("", value) if isinstance(value, str) else value
