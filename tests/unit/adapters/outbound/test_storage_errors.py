"""How disks fail, in the words of the ports."""

import errno
import sqlite3
from pathlib import Path

import pytest

from adapters.outbound.storage_errors import translated
from ports.errors import StorageFull, TemporarilyUnavailable

PLACE = Path("/somewhere/facts.db")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_is_storage_full(number: int) -> None:
    with pytest.raises(StorageFull), translated(PLACE):
        raise OSError(number, "no space")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ENOTDIR])
def test_other_failures_of_the_system_are_temporary(number: int) -> None:
    with pytest.raises(TemporarilyUnavailable) as raised, translated(PLACE):
        raise OSError(number, "failed")
    assert not isinstance(raised.value, StorageFull)
    assert errno.errorcode[number] in str(raised.value)


def test_a_full_database_is_storage_full() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count = 2")
    with pytest.raises(StorageFull), translated(PLACE):
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()


def test_messages_name_the_file_and_not_what_is_in_it() -> None:
    with pytest.raises(TemporarilyUnavailable) as raised, translated(PLACE):
        raise sqlite3.OperationalError("near 'a secret': syntax error")
    assert str(raised.value) == "facts.db: the database failed (OperationalError)"


def test_other_errors_pass() -> None:
    with pytest.raises(LookupError), translated(PLACE):
        raise LookupError
