import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from adapters.outbound.capture_journal.files import FileCaptureJournal
from domain.ids import ConversationId
from ports.capture_journal import RecordKind
from ports.diagnosis import Condition
from ports.errors import NotFound, StorageFull, TemporarilyUnavailable

HERE = ConversationId("here")
PACKET = RecordKind.PACKET
ROOT = Path(__file__).parents[5]

PRELUDE = """
import resource, sys
from pathlib import Path
from adapters.outbound.capture_journal.files import FileCaptureJournal
from ports.capture_journal import RecordKind
from ports.errors import StorageFull
journal = FileCaptureJournal(data_dir=Path(sys.argv[1]))
"""
APPEND_UNTIL_KILLED = """
writer = journal.open("here")
for number in range(int(sys.argv[2]), 10**9):
    writer.append(RecordKind.PACKET, b"%d" % number)
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""
FILL = """
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
writer = journal.open("here")
taken = 0
try:
    while True:
        writer.append(RecordKind.PACKET, b"x" * 90)
        taken += 1
except StorageFull:
    pass
for _ in range(3):
    try:
        writer.append(RecordKind.PACKET, b"x" * 90)
    except StorageFull:
        pass
writer.append(RecordKind.PACKET, b"!")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(RecordKind.PACKET, b"room again")
print(taken)
"""
START_WITHOUT_ROOM = """
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
try:
    journal.open("here")
except StorageFull:
    print("full", list(Path(sys.argv[1]).rglob("*.journal")))
"""


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *map(str, arguments)]


def output_of(code: str, *arguments: object) -> str:
    return subprocess.run(python(code, *arguments), cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def journal(tmp_path: Path) -> FileCaptureJournal:
    return FileCaptureJournal(data_dir=tmp_path)


def write(journal: FileCaptureJournal, *payloads: bytes) -> Path:
    writer = journal.open(HERE)
    for payload in payloads:
        writer.append(PACKET, payload)
    writer.close()
    return journal.path(HERE)


async def read(journal: FileCaptureJournal) -> list[bytes]:
    return [record.payload async for record in journal.read(HERE)]


def acknowledged_until_killed(folder: Path, *, first: int, after: int) -> int:
    """The last number that a process acknowledged; it is killed when it has acknowledged so many."""
    with subprocess.Popen(python(APPEND_UNTIL_KILLED, folder, first), stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = list(itertools.islice(process.stdout, after))
        process.kill()
        lines += [line for line in process.stdout if line.endswith(b"\n")]
    return int(lines[-1])


async def test_what_was_acknowledged_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    journal, first = FileCaptureJournal(data_dir=tmp_path), 0
    for kill in range(4):
        last = acknowledged_until_killed(tmp_path, first=first, after=50 + 400 * kill)
        kept = [int(payload) for payload in await read(journal)]
        assert kept == list(range(len(kept)))
        assert len(kept) > last
        first = len(kept)


async def test_a_full_disk_is_reported_and_the_journal_stays_whole(tmp_path: Path) -> None:
    taken = int(output_of(FILL, tmp_path))
    assert taken > 10
    kept = await read(FileCaptureJournal(data_dir=tmp_path))
    assert kept == [b"x" * 90] * taken + [b"!", b"room again"]


def test_a_journal_that_cannot_even_start_leaves_nothing_behind(tmp_path: Path) -> None:
    assert output_of(START_WITHOUT_ROOM, tmp_path) == "full []\n"


def test_a_device_without_room_is_told_apart_from_one_that_fails(journal: FileCaptureJournal) -> None:
    writer = journal.open(HERE)
    real, writer._file = writer._file, os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(StorageFull):
        writer.append(PACKET, b"x")
    writer.close()
    os.close(real)
    with pytest.raises(TemporarilyUnavailable) as caught:
        writer.append(PACKET, b"x")
    assert not isinstance(caught.value, StorageFull)


async def test_a_torn_tail_is_cut_off_before_the_journal_goes_on(journal: FileCaptureJournal) -> None:
    path = write(journal, b"one", b"two")
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\x03\x00\x00\x00torn")
    assert await read(journal) == [b"one", b"two"]
    journal.open(HERE).close()
    assert path.stat().st_size == whole
    write(journal, b"three")
    assert await read(journal) == [b"one", b"two", b"three"]


async def test_a_start_that_was_cut_off_is_no_journal_and_can_be_started_again(journal: FileCaptureJournal) -> None:
    path = write(journal)
    os.truncate(path, 7)
    assert await journal.conversations() == ()
    with pytest.raises(NotFound):
        await read(journal)
    write(journal, b"one")
    assert await read(journal) == [b"one"]


async def test_records_behind_a_damaged_header_are_put_aside_until_the_journal_is_removed(
    journal: FileCaptureJournal, tmp_path: Path
) -> None:
    path = write(journal, b"one", b"two")
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    write(journal, b"new")
    assert await read(journal) == [b"new"]
    assert path.with_suffix(".damaged").read_bytes() == content
    await journal.remove(HERE)
    assert list((tmp_path / "journal").iterdir()) == []


async def test_the_journal_of_a_newer_version_is_left_alone(journal: FileCaptureJournal) -> None:
    path = write(journal, b"one")
    content = bytearray(path.read_bytes())
    content[4] = 2
    path.write_bytes(content)
    with pytest.raises(TemporarilyUnavailable, match="version 2"):
        journal.open(HERE)
    assert await journal.conversations() == ()
    assert path.read_bytes() == content


def test_only_the_owner_can_read_a_journal(journal: FileCaptureJournal) -> None:
    path = write(journal, b"private")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_record_beyond_all_reason_is_refused(journal: FileCaptureJournal) -> None:
    writer = journal.open(HERE)
    with pytest.raises(ValueError, match="16777216"):
        writer.append(PACKET, bytes((1 << 24) + 1))
    writer.close()


def test_opening_in_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file is in the way")
    with pytest.raises(TemporarilyUnavailable, match="opening a journal"):
        FileCaptureJournal(data_dir=tmp_path).open(HERE)


async def test_the_diagnosis_tells_where_journals_lie_and_whether_they_can(
    journal: FileCaptureJournal, tmp_path: Path
) -> None:
    assert (await journal.diagnose()).condition is Condition.WORKING
    (tmp_path / "file").write_text("")
    found = await FileCaptureJournal(data_dir=tmp_path / "file").diagnose()
    assert found.condition is Condition.BROKEN
    assert found.remedy
