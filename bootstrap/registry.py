"""Every adapter there is: port -> name -> where its class lives. The only list; contract suites run over it."""

REGISTRY: dict[str, dict[str, str]] = {
    "audio_decoder": {
        "libopus": "adapters.outbound.audio_decoder.libopus:LibopusAudioDecoder",
        "fake": "adapters.outbound.audio_decoder.fake:FakeAudioDecoder",
    },
    "voice_activity_detector": {
        "silero": "adapters.outbound.voice_activity_detector.silero:SileroVoiceActivityDetector",
        "pyannote": "adapters.outbound.voice_activity_detector.pyannote:PyannoteVoiceActivityDetector",
        "fake": "adapters.outbound.voice_activity_detector.fake:FakeVoiceActivityDetector",
    },
    "recording_voice_activity_detector": {
        "segmentation": (
            "adapters.outbound.recording_voice_activity_detector.segmentation:SegmentationRecordingVoiceActivityDetector"
        ),
        "pyannote": (
            "adapters.outbound.recording_voice_activity_detector.pyannote:PyannoteRecordingVoiceActivityDetector"
        ),
        "fake": "adapters.outbound.recording_voice_activity_detector.fake:FakeRecordingVoiceActivityDetector",
    },
    "speech_to_text": {
        "moonshine": "adapters.outbound.speech_to_text.moonshine:MoonshineSpeechToText",
        "deepgram": "adapters.outbound.speech_to_text.deepgram:DeepgramSpeechToText",
        "soniox": "adapters.outbound.speech_to_text.soniox:SonioxSpeechToText",
        "speechmatics": "adapters.outbound.speech_to_text.speechmatics:SpeechmaticsSpeechToText",
        "fake": "adapters.outbound.speech_to_text.fake:FakeSpeechToText",
    },
    "batch_speech_to_text": {
        "moonshine": "adapters.outbound.batch_speech_to_text.moonshine:MoonshineBatchSpeechToText",
        "deepgram": "adapters.outbound.batch_speech_to_text.deepgram:DeepgramBatchSpeechToText",
        "fal": "adapters.outbound.batch_speech_to_text.fal:FalBatchSpeechToText",
        "fake": "adapters.outbound.batch_speech_to_text.fake:FakeBatchSpeechToText",
    },
    "speaker_encoder": {
        "wespeaker": "adapters.outbound.speaker_encoder.wespeaker:WeSpeakerSpeakerEncoder",
        "ecapa": "adapters.outbound.speaker_encoder.ecapa:EcapaSpeakerEncoder",
        "fake": "adapters.outbound.speaker_encoder.fake:FakeSpeakerEncoder",
    },
    "speaker_segmenter": {
        "segmentation": "adapters.outbound.speaker_segmenter.segmentation:SegmentationSpeakerSegmenter",
        "fake": "adapters.outbound.speaker_segmenter.fake:FakeSpeakerSegmenter",
    },
    "text_embedder": {
        "minilm": "adapters.outbound.text_embedder.minilm:MiniLMTextEmbedder",
        "openai": "adapters.outbound.text_embedder.openai:OpenAITextEmbedder",
        "fake": "adapters.outbound.text_embedder.fake:FakeTextEmbedder",
    },
    "translator": {
        "language_model": "adapters.outbound.translator.language_model:LanguageModelTranslator",
        "none": "adapters.outbound.translator.none:NoTranslator",
        "fake": "adapters.outbound.translator.fake:FakeTranslator",
    },
    "language_model": {
        "extractive": "adapters.outbound.language_model.extractive:ExtractiveLanguageModel",
        "openai": "adapters.outbound.language_model.openai:OpenAILanguageModel",
        "fake": "adapters.outbound.language_model.fake:FakeLanguageModel",
    },
    "memory_repository": {
        "sqlite": "adapters.outbound.memory_repository.sqlite:SqliteMemoryRepository",
        "firestore": "adapters.outbound.memory_repository.firestore:FirestoreMemoryRepository",
        "memory": "adapters.outbound.memory_repository.memory:InMemoryMemoryRepository",
    },
    "people": {
        "sqlite": "adapters.outbound.people.sqlite:SqlitePeople",
        "firestore": "adapters.outbound.people.firestore:FirestorePeople",
        "memory": "adapters.outbound.people.memory:InMemoryPeople",
    },
    "facts": {
        "sqlite": "adapters.outbound.facts.sqlite:SqliteFacts",
        "firestore": "adapters.outbound.facts.firestore:FirestoreFacts",
        "memory": "adapters.outbound.facts.memory:InMemoryFacts",
    },
    "chat_history": {
        "sqlite": "adapters.outbound.chat_history.sqlite:SqliteChatHistory",
        "firestore": "adapters.outbound.chat_history.firestore:FirestoreChatHistory",
        "memory": "adapters.outbound.chat_history.memory:InMemoryChatHistory",
    },
    "key_value_store": {
        "sqlite": "adapters.outbound.key_value_store.sqlite:SqliteKeyValueStore",
        "redis": "adapters.outbound.key_value_store.redis:RedisKeyValueStore",
        "memory": "adapters.outbound.key_value_store.memory:InMemoryKeyValueStore",
    },
    "vault": {
        "local": "adapters.outbound.vault.local:LocalVault",
        "shared": "adapters.outbound.vault.shared:SharedVault",
        "none": "adapters.outbound.vault.none:ClearVault",
    },
    "object_store": {
        "files": "adapters.outbound.object_store.files:FileObjectStore",
        "gcs": "adapters.outbound.object_store.gcs:GcsObjectStore",
        "memory": "adapters.outbound.object_store.memory:InMemoryObjectStore",
    },
    "recording_decoder": {
        "soundfile": "adapters.outbound.recording_decoder.soundfile:SoundfileRecordingDecoder",
    },
    "recording_encoder": {
        "soundfile": "adapters.outbound.recording_encoder.soundfile:SoundfileRecordingEncoder",
    },
    "emotion_analyzer": {
        "embedded": "adapters.outbound.emotion_analyzer.embedded:EmbeddedEmotionAnalyzer",
        "hume": "adapters.outbound.emotion_analyzer.hume:HumeEmotionAnalyzer",
        "fake": "adapters.outbound.emotion_analyzer.fake:FakeEmotionAnalyzer",
    },
    "image_reader": {
        "pillow": "adapters.outbound.image_reader.pillow:PillowImageReader",
        "fake": "adapters.outbound.image_reader.fake:FakeImageReader",
    },
    "text_index": {
        "sqlite": "adapters.outbound.text_index.sqlite:SqliteTextIndex",
        "redis": "adapters.outbound.text_index.redis:RedisTextIndex",
        "memory": "adapters.outbound.text_index.memory:InMemoryTextIndex",
    },
    "vector_index": {
        "sqlite": "adapters.outbound.vector_index.sqlite:SqliteVectorIndex",
        "redis": "adapters.outbound.vector_index.redis:RedisVectorIndex",
        "pinecone": "adapters.outbound.vector_index.pinecone:PineconeVectorIndex",
        "memory": "adapters.outbound.vector_index.memory:InMemoryVectorIndex",
    },
    "usage_ledger": {
        "sqlite": "adapters.outbound.usage_ledger.sqlite:SqliteUsageLedger",
        "firestore": "adapters.outbound.usage_ledger.firestore:FirestoreUsageLedger",
        "memory": "adapters.outbound.usage_ledger.memory:InMemoryUsageLedger",
    },
    "archive": {
        "zip": "adapters.outbound.archive.zip:ZipArchive",
    },
    "capture_journal": {
        "files": "adapters.outbound.capture_journal.files:FileCaptureJournal",
        "redis": "adapters.outbound.capture_journal.redis:RedisCaptureJournal",
        "memory": "adapters.outbound.capture_journal.memory:InMemoryCaptureJournal",
    },
    "conversation_leases": {
        "local": "adapters.outbound.conversation_leases.local:LocalConversationLeases",
        "redis": "adapters.outbound.conversation_leases.redis:RedisConversationLeases",
    },
    "job_queue": {
        "sqlite": "adapters.outbound.job_queue.sqlite:SqliteJobQueue",
        "redis": "adapters.outbound.job_queue.redis:RedisJobQueue",
        "memory": "adapters.outbound.job_queue.memory:InMemoryJobQueue",
    },
    "event_bus": {
        "local": "adapters.outbound.event_bus.local:LocalEventBus",
        "redis": "adapters.outbound.event_bus.redis:RedisEventBus",
    },
    "authenticator": {
        "local": "adapters.outbound.authenticator.local:LocalAuthenticator",
        "firebase": "adapters.outbound.authenticator.firebase:FirebaseAuthenticator",
        "fake": "adapters.outbound.authenticator.fake:FakeAuthenticator",
    },
    "plugin_catalog": {
        "file": "adapters.outbound.plugin_catalog.file:FilePluginCatalog",
        "http": "adapters.outbound.plugin_catalog.http:HttpPluginCatalog",
        "memory": "adapters.outbound.plugin_catalog.memory:InMemoryPluginCatalog",
    },
    "rate_limiter": {
        "local": "adapters.outbound.rate_limiter.local:LocalRateLimiter",
        "redis": "adapters.outbound.rate_limiter.redis:RedisRateLimiter",
    },
    "firmware_catalog": {
        "none": "adapters.outbound.firmware_catalog.none:NoFirmwareCatalog",
        "github": "adapters.outbound.firmware_catalog.github:GithubFirmwareCatalog",
        "memory": "adapters.outbound.firmware_catalog.memory:InMemoryFirmwareCatalog",
    },
    "plugin_gateway": {
        "http": "adapters.outbound.plugin_gateway.http:HttpPluginGateway",
        "fake": "adapters.outbound.plugin_gateway.fake:FakePluginGateway",
    },
    "notifier": {
        "log": "adapters.outbound.notifier.log:LogNotifier",
        "fcm": "adapters.outbound.notifier.fcm:FcmNotifier",
        "fake": "adapters.outbound.notifier.fake:FakeNotifier",
    },
    "tracer": {
        "none": "adapters.outbound.tracer.none:NoTracer",
        "otlp": "adapters.outbound.tracer.otlp:OtlpTracer",
    },
    "clock": {
        "system": "adapters.outbound.clock.system:SystemClock",
        "manual": "adapters.outbound.clock.manual:ManualClock",
    },
}
