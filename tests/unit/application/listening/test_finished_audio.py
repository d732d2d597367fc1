"""What became of audio, added up."""

from application.listening.finished_audio import FinishedAudio
from domain.coverage import Coverage, Gap
from ports.measures import Label

SECOND = 16_000


async def test_every_captured_second_is_told_by_what_became_of_it() -> None:
    finished = FinishedAudio()
    finished.add(
        Coverage(
            captured=10 * SECOND,
            gated=4 * SECOND,
            transcribed={"first": 3 * SECOND, "second": SECOND},
            gaps=(Gap(0, 2 * SECOND, "nobody"),),
            absences=(Gap(0, 60 * SECOND, "no audio arrived"),),
        ),
        words=7,
    )
    finished.add(Coverage(captured=SECOND, transcribed={"first": SECOND}), words=1)
    told = {measure.name: measure.samples for measure in await finished.measures()}
    fates = {sample.labels[Label.FATE]: sample.value for sample in told["audio_seconds"]}
    assert fates == {"captured": 11.0, "gated": 4.0, "finalized": 5.0, "gap": 2.0, "absent": 60.0}
    assert fates["captured"] == fates["gated"] + fates["finalized"] + fates["gap"]
    assert {s.labels[Label.RECOGNIZER]: s.value for s in told["transcribed_audio_seconds"]} == {"first": 4, "second": 1}
    assert {s.labels[Label.REASON]: s.value for s in told["gap_seconds"]} == {"nobody": 2.0}
    assert told["conversation_words"][0].value == 8
