"""Who may read the numbers."""

import pytest

from adapters.inbound.metrics.access import MetricsSettings, Readers, may_read

KEY = "a-key-of-more-than-16"
LOCAL = {b"host": b"127.0.0.1:8000"}
WITH_KEY = {b"host": b"omi.example", b"authorization": b"Bearer " + KEY.encode()}


@pytest.mark.parametrize("client", ["127.0.0.1", "127.3.3.3", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", [b"127.0.0.1:8000", b"localhost", b"localhost:9464", b"[::1]:8000", b"127.0.0.1"])
def test_programs_on_this_machine_may(client: str, host: bytes) -> None:
    assert may_read(MetricsSettings(), client=client, headers={b"host": host})


@pytest.mark.parametrize("client", ["10.0.0.7", "::ffff:10.0.0.7", "fe80::1", "", "testclient", None])
def test_others_may_not(client: str | None) -> None:
    assert not may_read(MetricsSettings(), client=client, headers=LOCAL)


@pytest.mark.parametrize(
    "header", [b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via", b"x-forwarded-proto", b"origin"]
)
def test_whoever_comes_through_a_proxy_or_a_page_is_not_of_this_machine(header: bytes) -> None:
    assert not may_read(MetricsSettings(), client="127.0.0.1", headers={**LOCAL, header: b"127.0.0.1"})


@pytest.mark.parametrize("host", [b"omi.example", b"evil.example:8000", b"10.0.0.7", b"", b"127.0.0.1.evil.example"])
def test_a_name_that_was_bent_to_this_machine_is_not_of_it(host: bytes) -> None:
    assert not may_read(MetricsSettings(), client="127.0.0.1", headers={b"host": host})


def test_whoever_has_the_key_may_from_everywhere() -> None:
    assert may_read(MetricsSettings(key=KEY), client="10.0.0.7", headers=WITH_KEY)
    assert may_read(MetricsSettings(key=KEY, readers=Readers.KEY), client="10.0.0.7", headers=WITH_KEY)


@pytest.mark.parametrize("given", [b"", b"Bearer", b"Bearer ", b"Bearer other", b"Basic a-key-of-more-than-16", b"x"])
def test_another_key_opens_nothing(given: bytes) -> None:
    headers = {b"host": b"omi.example", b"authorization": given}
    assert not may_read(MetricsSettings(key=KEY), client="10.0.0.7", headers=headers)


def test_no_key_is_no_key() -> None:
    headers = {b"host": b"omi.example", b"authorization": b"Bearer "}
    assert not may_read(MetricsSettings(), client="10.0.0.7", headers=headers)


def test_where_only_the_key_counts_this_machine_may_not() -> None:
    assert not may_read(MetricsSettings(key=KEY, readers=Readers.KEY), client="127.0.0.1", headers=LOCAL)


def test_where_nobody_may_the_key_does_not_help() -> None:
    assert not may_read(MetricsSettings(key=KEY, readers=Readers.NOBODY), client="127.0.0.1", headers=WITH_KEY)
