from hypothesis import given
from hypothesis import strategies as st

from domain.turns import SpokenTurn, cut_at_overlap, whole_turns


def speaking(turns: list[SpokenTurn], position: int) -> list[int]:
    return sorted(turn.speaker for turn in turns if turn.start <= position < turn.end)


@st.composite
def conversations(draw: st.DrawFn) -> list[SpokenTurn]:
    turns = []
    for speaker in range(1, 4):
        edges = sorted(draw(st.sets(st.integers(0, 40), max_size=8)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        turns += [SpokenTurn(start, end, speaker) for start, end in pairs]
    return turns


@given(conversations())
def test_cutting_changes_nothing_about_who_speaks_when(turns: list[SpokenTurn]):
    cut = cut_at_overlap(turns)

    assert all(speaking(cut, at) == speaking(turns, at) for at in range(41))
    assert all(turn.is_overlap == (len(speaking(turns, turn.start)) > 1) for turn in cut)
    assert all(turn.is_overlap == (len(speaking(turns, turn.end - 1)) > 1) for turn in cut)


@given(conversations())
def test_turns_that_were_cut_can_be_made_whole(turns: list[SpokenTurn]):
    whole = whole_turns(cut_at_overlap(turns))

    assert whole == sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))


def test_an_interruption_cuts_the_turn_that_it_interrupts():
    assert cut_at_overlap([SpokenTurn(0, 10, 1), SpokenTurn(4, 6, 2)]) == [
        SpokenTurn(0, 4, 1),
        SpokenTurn(4, 6, 1, is_overlap=True),
        SpokenTurn(4, 6, 2, is_overlap=True),
        SpokenTurn(6, 10, 1),
    ]
