"""What a server says once it listens."""

from adapters.inbound.command_line.welcome import Welcome, welcome_lines

WELCOME = Welcome(
    address="http://127.0.0.1:8000",
    seconds=1.234,
    user="me",
    token="abc",  # noqa: S106
    try_it="omi stream examples/sample.wav",
)


def test_it_says_where_and_how() -> None:
    lines = welcome_lines(WELCOME, colors=False)
    assert lines[0] == "Omi listens on http://127.0.0.1:8000  started in 1.23 s"
    assert lines[1].endswith("http://127.0.0.1:8000/documentation")
    assert "abc" in lines[2]
    assert lines[3].endswith("omi stream examples/sample.wav")


def test_a_token_of_somebody_elses_making_is_not_shown() -> None:
    shown = welcome_lines(Welcome(address="a", seconds=1, user="me", token=None, try_it="b"), colors=True)
    assert not any("token" in line for line in shown)
