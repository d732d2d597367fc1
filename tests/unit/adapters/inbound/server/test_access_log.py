"""What the server's own log lines may hold."""

import logging

from adapters.inbound.server.access_log import WithoutQueries


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, message, values, None)


def test_a_line_about_text_that_is_none_is_left_out() -> None:
    assert not WithoutQueries().filter(record("Invalid UTF-8 sequence received from client."))


def test_other_lines_stay_without_their_queries() -> None:
    line = record('%s - "WebSocket %s" [accepted]', "127.0.0.1", "/listen?token=secret")
    assert WithoutQueries().filter(line)
    assert line.getMessage() == '127.0.0.1 - "WebSocket /listen" [accepted]'
