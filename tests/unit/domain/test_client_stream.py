import random

from hypothesis import given
from hypothesis import strategies as st

from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.client_stream import EXACT, VAGUE, ClientStream, Reach, StreamPlace, further

PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)
SLOW_PCM = AudioFormat(codec=Codec.PCM16, sample_rate=8_000)
OPUS = AudioFormat(codec=Codec.OPUS, sample_rate=48_000)


def a_stream(audio: AudioFormat = PCM, *, begin: int = 0) -> ClientStream:
    return ClientStream(audio, place=placed(begin, rate=audio.sample_rate), reach=Reach(begin))


def placed(position: int, *, rate: int, captured: int = 0) -> StreamPlace:
    return StreamPlace(name="capture", position=position, captured=captured, rate=rate)


def taken(stream: ClientStream, packets: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """What of some packets was new, and where it begins."""
    pieces = []
    for position, packet in packets:
        begin = max(position, stream.next)
        fresh = stream.fresh(packet, position=position)
        if fresh:
            pieces.append((begin, fresh))
            stream.take(fresh, position=begin)
    return pieces


@given(
    sound=st.binary(min_size=2, max_size=400).map(lambda pcm: pcm[: len(pcm) & ~1]),
    begin=st.integers(0, 10_000),
    seed=st.integers(0, 2**32),
)
def test_samples_that_are_sent_again_in_other_packets_are_taken_once(sound: bytes, begin: int, seed: int) -> None:
    chance = random.Random(seed)
    stream = a_stream(begin=begin)
    heard = []
    while stream.next < begin + len(sound) // 2:
        at = chance.randint(begin, stream.next)  # a new connection, from somewhere that was not acknowledged
        for _ in range(chance.randint(0, 8)):
            end = at + chance.randint(1, 30)
            heard += taken(stream, [(at, sound[2 * (at - begin) : 2 * (end - begin)])])
            at = min(end, begin + len(sound) // 2)
    assert b"".join(pcm for _, pcm in heard) == sound
    assert [position for position, _ in heard] == sorted({position for position, _ in heard})


@given(count=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_compressed_packets_of_any_length_are_taken_once_in_order(count: int, seed: int) -> None:
    chance = random.Random(seed)
    packets, position = [], 0
    for number in range(count):
        packets.append((position, b"packet %d" % number))
        position += chance.choice((120, 240, 480, 960, 2_880))
    stream, heard, done = a_stream(OPUS), [], 0
    while done < count:
        first = chance.randint(0, done)
        last = chance.randint(first, count)
        heard += taken(stream, packets[first:last])
        done = max(done, last)
    assert heard == packets


def test_what_begins_before_the_next_position_was_taken() -> None:
    stream = a_stream(OPUS)
    taken(stream, [(0, b"one"), (960, b"two")])
    assert stream.next == 961


def test_half_a_sample_at_the_end_of_a_packet_counts_for_nothing() -> None:
    stream = a_stream()
    taken(stream, [(0, b"abcde")])
    assert stream.next == 2


@given(begin=st.integers(0, 2**40), origin=st.integers(0, 2**40), count=st.integers(0, 2**40))
def test_a_position_lies_in_the_capture_at_its_own_time(begin: int, origin: int, count: int) -> None:
    place = placed(begin, rate=8_000, captured=origin)
    captured = place.captured_at(begin + count)
    assert captured == origin + 2 * count
    assert place.position_of(captured) == begin + count


def test_holes_are_exact_only_where_positions_are() -> None:
    assert a_stream().tolerance == EXACT
    assert a_stream(SLOW_PCM).tolerance == VAGUE
    assert a_stream(OPUS).tolerance == VAGUE


STEREO = AudioFormat(codec=Codec.OPUS, sample_rate=16_000, channels=2)


@given(count=st.integers(1, 30), seed=st.integers(0, 2**32))
def test_packets_of_two_channels_are_taken_once_in_order(count: int, seed: int) -> None:
    chance = random.Random(seed)
    packets = [(number // 2 * 320, bytes((number % 2,)) + b"%d" % number) for number in range(count)]
    stream, heard, done = a_stream(STEREO), [], 0
    while done < count:
        first = chance.randint(0, done)
        last = chance.randint(first, count)
        heard += taken(stream, packets[first:last])
        done = max(done, last)
    assert heard == packets


def test_a_position_is_not_passed_before_all_channels_have_a_packet_there() -> None:
    stream = a_stream(STEREO)
    taken(stream, [(0, b"\0one"), (0, b"\1one"), (320, b"\0two")])
    assert stream.reach == Reach(320, b"\0")
    stream.finish()
    assert stream.next == 321


def test_a_channel_that_says_nothing_holds_up_no_other() -> None:
    stream = a_stream(STEREO)
    taken(stream, [(0, b"\0one"), (320, b"\0two"), (640, b"\0three")])
    assert stream.next == 640


def test_the_one_that_is_further_on_counts() -> None:
    assert further(Reach(320), Reach(320, b"\1")) == Reach(320, b"\1")
    assert further(Reach(640), Reach(320, b"\1")) == Reach(640)
