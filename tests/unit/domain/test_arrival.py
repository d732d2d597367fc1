from domain.arrival import ArrivalClock
from domain.audio import SAMPLE_RATE

PACKET = bytes(320)
SAMPLES = 160
SECONDS = 0.01


class Device:
    """Sends packets, and keeps what a capture would."""

    def __init__(self) -> None:
        self.now = 100.0
        self.clock = ArrivalClock(now=self.now, position=0)
        self.position = 0
        self.skips: list[tuple[int, int]] = []

    def send(self, seconds: float, *, every: float = SECONDS) -> None:
        for _ in range(round(seconds / SECONDS)):
            self.now += every
            skip, pcm = self.clock.admit(PACKET, now=self.now, position=self.position)
            if skip:
                self.skips.append((self.position, skip))
                self.position += skip
            self.position += len(pcm) // 2


def test_a_steady_stream_is_never_moved() -> None:
    device = Device()
    device.send(60)
    assert device.skips == []
    assert device.position == 60 * SAMPLE_RATE


def test_a_device_that_was_away_moves_the_clock_by_the_time_it_was() -> None:
    device = Device()
    device.send(10)
    device.now += 30
    device.send(10)
    [(at, skip)] = device.skips
    assert at == 10 * SAMPLE_RATE
    assert abs(skip - 30 * SAMPLE_RATE) <= SAMPLES
    assert device.position == 20 * SAMPLE_RATE + skip


def test_audio_that_comes_late_in_a_burst_is_not_moved() -> None:
    device = Device()
    device.send(10)
    device.now += 30
    device.send(30, every=0.0005)
    device.send(10)
    assert device.skips == []
    assert device.position == 50 * SAMPLE_RATE


def test_a_file_that_is_uploaded_faster_than_real_time_is_not_moved() -> None:
    device = Device()
    device.send(600, every=0.001)
    device.now += 5
    device.send(600, every=0.001)
    assert device.skips == []


def test_jitter_and_a_slow_device_clock_move_nothing() -> None:
    device = Device()
    for _ in range(50):
        device.now += 1.5
        device.send(1.5, every=0.0001)
    device.send(3600, every=0.0100005)
    assert device.skips == []


def test_what_is_held_back_is_not_lost_when_the_stream_ends() -> None:
    device = Device()
    device.send(1)
    device.now += 10
    device.send(0.1)
    assert device.position == SAMPLE_RATE
    assert len(device.clock.release()) == 0.1 * SAMPLE_RATE * 2
