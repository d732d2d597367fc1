"""What bodies and answers look like, for the description of the interface: values of the real types, so never old."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from adapters.inbound.http import (
    accounts,
    app_keys,
    app_requests,
    apps,
    apps_wire,
    chat_wire,
    conversations,
    developer_webhooks,
    emotions,
    facts,
    firmware,
    followup_questions,
    in_progress,
    integrations,
    memories,
    memory_edits,
    messages,
    offline_files,
    people,
    plugin_uses,
    plugins,
    plugins_wire,
    post_processing,
    prompt_trials,
    push_tokens,
    readiness,
    renamed_facts,
    reports,
    requests,
    segments,
    speech_profile,
    tool_server,
    tools,
    trends,
    users,
    voice_messages,
    wire,
    wire_found,
    wire_pieces,
    wishes,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MEMORY, SEGMENT, PERSON = "6d0c1f2e8a5b4c3d", "9b2f7c1d3e4a5f60", "2f4e6a8c0b1d3f57"

LINK = "https://omi.example/v1/objects/bGluaw"

HEALTHY = readiness.Finding(adapter="sqlite", state=readiness.State.WORKING, milliseconds=1.5)
PLACE = requests.GeolocationIn(latitude=38.7, longitude=-9.1, address="Lisbon")
WIRE_SEGMENT = wire.WireSegment(
    id=SEGMENT,
    text="We leave on Friday.",
    speaker="SPEAKER_00",
    speaker_id=0,
    is_user=True,
    person_id=None,
    start=0.0,
    end=1.5,
    translations=[wire.WireTranslation(lang="de", text="Wir fahren am Freitag.")],
)
WIRE_PLACE = wire_pieces.WireGeolocation(
    google_place_id=None, latitude=38.7, longitude=-9.1, address="Lisbon", location_type=None
)
PROGRESS = wire_pieces.WirePostProcessing(status="completed", recognizer="moonshine")
STRUCTURE = wire_pieces.WireStructure(
    title="A trip to Lisbon",
    overview="They leave on Friday.",
    emoji="🧳",
    category="travel",
    action_items=[wire_pieces.WireActionItem(description="Book the train", completed=False, deleted=False)],
    events=[wire_pieces.WireEvent(title="Train", description="", start=NOON, duration=30, created=False)],
)
COVERAGE = wire_pieces.WireCoverage(
    captured=2.0, speech=1.5, silence=0.5, transcribed={"moonshine": 1.5}, pending=0.0, gaps=[], corrupt_packets=0,
    concealed=0.0,
)  # fmt: skip
WIRE_MEMORY = wire.WireMemory(
    id=MEMORY,
    created_at=NOON,
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=2),
    source="friend",
    language="en",
    structured=STRUCTURE,
    transcript_segments=[WIRE_SEGMENT],
    geolocation=WIRE_PLACE,
    photos=[],
    plugins_results=[wire_pieces.WirePluginResult(plugin_id="diary", content="A day of plans.")],
    apps_results=[wire_pieces.WireAppResult(app_id="diary", content="A day of plans.")],
    external_data=None,
    postprocessing=PROGRESS,
    discarded=False,
    visibility="private",
    status="completed",
    coverage=COVERAGE,
    degraded=[],
)
FOUND = wire_found.WireFound(
    memory=WIRE_MEMORY,
    score=0.8,
    passages=[wire_found.WirePassage(text="We leave on Friday.", start=0.0, segment_id=SEGMENT, score=0.8)],
)
PROCESSING = in_progress.WireProcessingMemory(
    id=MEMORY,
    created_at=NOON,
    timer_start=NOON.timestamp(),
    geolocation=WIRE_PLACE,
    emotional_feedback=False,
    memory_id=None,
    status="capturing",
)
FACT: dict[str, Any] = {
    "id": "0f1e2d3c4b5a6978",
    "uid": "anna",
    "content": "Likes trains",
    "created_at": NOON,
    "updated_at": NOON,
    "memory_id": MEMORY,
    "reviewed": False,
    "user_review": None,
    "manually_added": True,
    "edited": False,
}
RENAMED_FACT = renamed_facts.WireRenamedFact(**FACT, category="hobbies", visibility="private", conversation_id=MEMORY)
REPORT = {"jobId": "5f0c", "status": "succeeded"}
KEY = app_keys.WireKey(id="5d41402abc4b2a76b9719d911017c592", label="The server at home", created_at=NOON)
PLUGIN: dict[str, Any] = {
    "id": "diary",
    "name": "Diary",
    "author": "Anna",
    "description": "Writes a page about each day",
    "image": "/plugins/logos/diary.jpg",
    "category": "personality-emulation",
    "capabilities": ["memories"],
    "memory_prompt": "Write a page of a diary",
    "chat_prompt": None,
    "external_integration": None,
    "user_review": plugins_wire.WireReview(uid="anna", rated_at=NOON, score=4.0, review="Kind"),
    "rating_avg": 4.0,
    "rating_count": 1,
    "enabled": True,
    "deleted": False,
    "private": False,
}
MESSAGE = chat_wire.WireMessage(
    id="5a6b7c8d9e0f1a2b",
    text="On Friday [1].",
    created_at=NOON,
    sender="ai",
    type="text",
    plugin_id=None,
    app_id=None,
    from_external_integration=False,
    from_integration=False,
    memories_id=[MEMORY],
    memories=[
        chat_wire.WireMessageMemory(
            id=MEMORY,
            created_at=NOON,
            structured=chat_wire.WireMessageStructure(title="A trip to Lisbon", emoji="🧳"),
        )
    ],
    citations=[chat_wire.WireCitation(number=1, memory_id=MEMORY, file_id=None, segment_id=SEGMENT, start=0.0)],
    files_id=[],
    files=[],
    chat_session_id="6b7c8d9e0f1a2b3c",
    reported=False,
)
PROSODY = emotions.Prosody(
    (
        emotions.SpeakerGroup(
            (emotions.Prediction(emotions.Span(0.0, 2.5), (emotions.ScoredEmotion("Joy", 0.7),)),)
        ),
    )
)  # fmt: skip

EXAMPLES: tuple[Struct, ...] = (
    accounts.LanguageIn(language="pt"),
    accounts.LanguageOut("pt"),
    accounts.SummaryRating(has_rating=True, rating=-1),
    accounts.AccountDeleted(),
    app_keys.KeyDeleted(),
    app_keys.KeyIn(label="The server at home"),
    KEY,
    app_keys.WireNewKey(id=KEY.id, label=KEY.label, created_at=NOON, secret=f"omi_app_{KEY.id}_{'A' * 43}"),
    app_requests.AppConversationIn(text="User: we leave on Friday.", started_at=NOON),
    app_requests.AppFactsIn(memories=[app_requests.AppFactIn(content="Likes trains", tags=["hobbies"])]),
    app_requests.AppNoticeIn(uid="anna", aid="diary", message="The train leaves in an hour"),
    app_requests.AppSearchIn(query="trains to Lisbon"),
    app_requests.BroughtConversation(MEMORY),
    app_requests.ConversationsOfUser([WIRE_MEMORY]),
    app_requests.FactsOfUser([RENAMED_FACT]),
    app_requests.FoundForApp([WIRE_MEMORY], total_pages=1, current_page=1, per_page=10),
    app_requests.NoticeIn(message="The train leaves in an hour"),
    app_requests.NoticeKept(),
    apps.WireAppReview(uid="", rated_at=NOON, score=4.0, review="Kind"),
    apps_wire.Choice(title="Memories", id="memories"),
    apps_wire.WireApp(**PLUGIN, uid=None, proactive_notification=None),
    MESSAGE,
    chat_wire.WireChatFile(
        id="7c8d9e0f1a2b3c4d",
        name="tickets.csv",
        mime_type="text/csv",
        created_at=NOON,
        thumbnail=None,
        thumb_name=None,
        openai_file_id="7c8d9e0f1a2b3c4d",
    ),
    conversations.ConversationSearchIn(query="trains to Lisbon"),
    conversations.FoundConversations([WIRE_MEMORY], total_pages=1, current_page=1, per_page=10),
    developer_webhooks.WebhookIn(url="https://hooks.example/omi"),
    developer_webhooks.WebhookOut("https://hooks.example/omi"),
    developer_webhooks.WebhookStatuses(
        audio_bytes=False, realtime_transcript=True, memory_created=True, day_summary=False
    ),
    emotions.Feedback(emotional_feedback=True),
    emotions.HumeCallback(
        job_id="7c1d",
        status=emotions.COMPLETED,
        predictions=(
            emotions.SourcePrediction(emotions.Results((emotions.FilePrediction(emotions.Models(PROSODY)),))),
        ),
    ),
    facts.FactIn(content="Likes trains", category="hobbies"),
    facts.WireFact(**FACT, category="hobbies"),
    facts.Done(),
    in_progress.ProcessedConversation(WIRE_MEMORY, WIRE_MEMORY),
    in_progress.ProcessingMemoryIn(geolocation=PLACE),
    in_progress.ProcessingMemoryResult(PROCESSING),
    in_progress.ProcessingMemoriesResult([PROCESSING]),
    integrations.WorkflowIn(text="User: we leave on Friday.", started_at=NOON),
    integrations.ScreenpipeIn(
        request_id="42",
        source="screen",
        text="A ticket to Lisbon",
        timestamp_range=integrations.TimestampRange(NOON.timestamp(), NOON.timestamp() + 60),
    ),
    memories.CreatedMemory(WIRE_MEMORY, []),
    memory_edits.EventTicks(events_idx=[0], values=[True]),
    memory_edits.ItemTicks(items_idx=[0], values=[True]),
    memory_edits.ItemIn(description="Book the train"),
    memory_edits.Done(),
    messages.MessageIn(text="When do we leave?", file_ids=["7c8d9e0f1a2b3c4d"]),
    messages.Reported(),
    offline_files.SyncedFiles(new_memories=(MEMORY,), updated_memories=()),
    people.CreatePerson("Dave"),
    people.MergePeople("7f6e5d4c3b2a1908"),
    people.SplitPerson("Dora", [f"{MEMORY}/0"]),
    people.WirePerson(id=PERSON, name="Dave", created_at=NOON, updated_at=NOON, speech_samples=[]),
    people.WireVoice(source="enrollment", seconds=12.5, added_at=NOON, url=None),
    plugins.Done(),
    plugins.SigningSecret("b1946ac92492d2347c6235b4d2611184"),
    plugins_wire.WirePlugin(**PLUGIN),
    plugins_wire.WireDelivery(
        id="1a2b3c4d5e6f7081",
        plugin_id="diary",
        memory_id=MEMORY,
        attempts=5,
        reason="the plugin failed (500)",
        failed_at=NOON,
    ),
    post_processing.HasRecording(has_recording=True),
    followup_questions.FollowupQuestion(result="What is still open about the trip to Lisbon?"),
    firmware.WireFirmware(
        version="v2.0.1",
        min_version="v1.0.4",
        min_app_version="1.0.43",
        min_app_version_code="130",
        device_type="friend",
        id=178000000,
        tag_name="Friend_Firmware_v2.0.1",
        published_at=NOON,
        zip_url="https://github.com/omi/firmware/releases/download/Friend_Firmware_v2.0.1/ota.zip",
        zip_name="ota.zip",
        zip_size=212_480,
        release_name="Friend Firmware v2.0.1",
    ),
    plugin_uses.WireDayUses(NOON.date(), 3),
    plugin_uses.WireEarned(money=0.15, type1=1, type2=2, type3=0),
    reports.WireReport(received_at=NOON, report=REPORT),
    prompt_trials.PromptIn(prompt="What did I promise?"),
    prompt_trials.PromptOut("To book the train on Friday."),
    push_tokens.PushTokenIn(fcm_token="dGhpcyBpcyBubyB0b2tlbg", time_zone="Europe/Lisbon"),  # noqa: S106 - it is none
    readiness.Report("ready", {"memory_repository": HEALTHY}),
    renamed_facts.RenamedFactIn(content="Likes trains", category="hobbies"),
    RENAMED_FACT,
    requests.CreateMemoryIn(
        transcript_segments=[
            requests.SegmentIn(text="We leave on Friday.", start=0.0, end=1.5, speaker="SPEAKER_00", is_user=True)
        ],
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=2),
        geolocation=PLACE,
        language="en",
    ),
    PLACE,
    requests.SearchIn(query="trains to Lisbon"),
    segments.AssignedMemory(
        **{name: getattr(WIRE_MEMORY, name) for name in WIRE_MEMORY.__struct_fields__},
        voice_learned=False,
        voice_learning="too_few_words",
    ),
    speech_profile.HasProfile(has_profile=True),
    speech_profile.ProfileUrl(LINK),
    speech_profile.UploadBytes(bytes=[[184, 255, 254]], duration=12.0),
    speech_profile.UploadedProfile(url=LINK, speakers=1, speech=11.2, exemplars=3, warning=""),
    voice_messages.Transcript("When do we leave?"),
    tool_server.RpcIn(
        id=1, method="tools/call", params={"name": "search_memories", "arguments": {"query": "trains to Lisbon"}}
    ),
    tool_server.RpcOut(jsonrpc="2.0", id=1, result={"content": [{"type": "text", "text": "[]"}], "isError": False}),
    tools.WireConversationNote(
        id=MEMORY, created_at=NOON, started_at=NOON, finished_at=NOON, language="en", structured=STRUCTURE
    ),
    trends.WireTrend("4e5f60718293a4b5", "travel", "best", [trends.WireTopic("5f60718293a4b5c6", "Lisbon", 3)]),
    users.Permission(store_recording_permission=True),
    wishes.DevMode(enabled=True),
    wishes.DevModeIn(enabled=True),
    wishes.PreferredApp("diary"),
    wishes.TranslationIn(enabled=True, language="pt"),
    wishes.TranslationOut(enabled=True, language="pt"),
    WIRE_MEMORY,
    FOUND,
    PROGRESS,
    WIRE_SEGMENT,
    wire_pieces.WirePhoto(base64="/9j/4AAQSkZJRg==", description="A station"),
)
"""One of each type that is sent or answered."""

RATING = {"score": 4.0, "review": "Kind"}
RECORDING = {"file": "(a recording: WAV, FLAC or Ogg)"}
SPOKEN = {"files": ["(a recording: WAV, FLAC or Ogg)"]}
DOCUMENTS = {"files": ["(a document: text, Markdown, CSV, JSON or HTML; or a picture: JPEG, PNG or WebP)"]}
BODIES: dict[str, Any] = {
    "/webhook": REPORT,
    "/v1/voice-message/transcribe": SPOKEN,
    "/v2/voice-message/transcribe": SPOKEN,
    "/v1/voice-messages": SPOKEN,
    "/v2/voice-messages": SPOKEN,
    "/v1/files": DOCUMENTS,
    "/v2/files": DOCUMENTS,
    "/v1/plugins/review": RATING,
    "/v1/apps/review": RATING,
    "/v1/apps/{app_id}/review": RATING,
    "/v1/memories/{memory_id}/post-processing": RECORDING,
    "/v1/conversations/{memory_id}/post-processing": RECORDING,
    "/v3/upload-audio": RECORDING,
    "/sdcard_memory": RECORDING,
    "/v1/sync-local-files": {"files": ["(packets, in a file audio_omi_opus_16000_1_1767268800.bin)"]},
}
"""By path: bodies without a type of their own."""


def by_name() -> dict[str, Any]:
    """Examples by the names that their types may have in the description: types of one name bear their module's."""
    found = {}
    for example in EXAMPLES:
        kind, value = type(example), msgspec.to_builtins(example)
        found[kind.__name__] = value
        found[f"{kind.__module__.rpartition('.')[2]}_{kind.__name__}"] = value
    return found
