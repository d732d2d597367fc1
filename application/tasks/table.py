"""All tasks there are. What a model is asked is asked by one of these."""

from application.tasks import (
    answer_question,
    day_summary,
    describe_photos,
    emotional_message,
    followup_question,
    initial_message,
    plugin_prompt,
    structure_memory,
    transcript_chunk,
    translate,
)
from application.tasks.kind import TaskKind

TASKS: tuple[TaskKind, ...] = (
    structure_memory.KIND,
    transcript_chunk.NOTE,
    transcript_chunk.JOIN,
    answer_question.KIND,
    day_summary.KIND,
    plugin_prompt.KIND,
    describe_photos.KIND,
    emotional_message.KIND,
    initial_message.KIND,
    followup_question.KIND,
    translate.KIND,
)
