"""Settings that stop the start."""

import pytest

from bootstrap.settings import WrongSetting, load

TRUST = {"OMI_AUTHENTICATOR__TRUST_UID": "true"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_uid_may_be_trusted_on_this_machine(host: str, tmp_path) -> None:
    assert load(TRUST | {"OMI_HOST": host}, folder=tmp_path).trust_uid


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "omi.example"])  # noqa: S104
def test_a_uid_is_never_trusted_on_a_network(host: str, tmp_path) -> None:
    with pytest.raises(WrongSetting, match=r"^OMI_AUTHENTICATOR__TRUST_UID is true \(environment\); expected OMI_HOST"):
        load(TRUST | {"OMI_HOST": host}, folder=tmp_path)


def test_a_uid_is_trusted_on_a_network_only_where_that_is_said_twice(tmp_path) -> None:
    twice = TRUST | {"OMI_AUTHENTICATOR__TRUST_UID_ANYWHERE": "true", "OMI_HOST": "omi.example"}
    assert load(twice, folder=tmp_path).trust_uid
    once = {"OMI_AUTHENTICATOR__TRUST_UID_ANYWHERE": "true", "OMI_HOST": "omi.example"}
    assert not load(once, folder=tmp_path).trust_uid


def test_nobody_is_believed_without_a_token_unless_that_is_said(tmp_path) -> None:
    assert not load({}, folder=tmp_path).trust_uid
