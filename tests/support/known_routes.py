"""The routes that apps may ask for, by the time they are from, and which of them are not served, and why."""

SEPTEMBER_2024 = """
POST /v1/memories
POST /v1/memories/{memory_id}/reprocess
GET /v1/memories
GET /v1/memories/{memory_id}
GET /v1/memories/{memory_id}/photos
GET /v1/memories/{memory_id}/transcripts
DELETE /v1/memories/{memory_id}
GET /v1/memories/{memory_id}/recording
PATCH /v1/memories/{memory_id}/events
PATCH /v1/memories/{memory_id}/segments/{segment_idx}/assign
PATCH /v1/memories/{memory_id}/visibility
GET /v1/memories/{memory_id}/shared
GET /v1/public-memories
POST /v1/memories/{memory_id}/post-processing
POST /v1/facts
GET /v1/facts
DELETE /v1/facts/{fact_id}
POST /v1/facts/{fact_id}/review
PATCH /v1/facts/{fact_id}
POST /v1/messages
DELETE /v1/messages
GET /v1/messages
POST /v1/initial-message
POST /v1/plugins/enable
POST /v1/plugins/disable
GET /plugins
GET /v1/plugins
GET /v2/plugins
POST /v1/plugins/review
GET /v3/speech-profile
GET /v4/speech-profile
POST /v3/upload-bytes
POST /v3/upload-audio
DELETE /v3/speech-profile/expand
GET /v3/speech-profile/expand
POST /v1/users/people
GET /v1/users/people/{person_id}
GET /v1/users/people
PATCH /v1/users/people/{person_id}/name
DELETE /v1/users/people/{person_id}
POST /v1/users/store-recording-permission
GET /v1/users/store-recording-permission
DELETE /v1/users/store-recording-permission
DELETE /v1/users/delete-account
POST /v1/users/fcm-token
PATCH /v1/processing-memories/{memory_id}
GET /v1/processing-memories/{memory_id}
POST /v1/integrations/workflow/memories
GET /v1/integrations/workflow/memories
POST /v1/integrations/screenpipe
POST /v1/agents/hume/callback
GET /v1/trends
GET /v1/firmware/latest
POST /sdcard_memory
POST /webhook
"""
OCTOBER_2024 = """
POST /v2/memories
PATCH /v1/memories/{memory_id}/title
PATCH /v1/memories/{memory_id}/action-items
DELETE /v1/memories/{memory_id}/action-items
PATCH /v1/users/geolocation
POST /v1/users/developer/webhook/{kind}
GET /v1/users/developer/webhook/{kind}
POST /v1/users/developer/webhook/{kind}/enable
POST /v1/users/developer/webhook/{kind}/disable
GET /v1/users/developer/webhooks/status
POST /v1/users/analytics/memory_summary
GET /v1/users/analytics/memory_summary
DELETE /v1/joan/{memory_id}/followup-question
GET /v1/plugins/{plugin_id}/usage
GET /v1/plugins/{plugin_id}/money
GET /v1/processing-memories
POST /v1/sync-local-files
"""
JUNE_2025 = """
POST /v1/conversations
GET /v1/conversations
POST /v1/conversations/search
GET /v1/conversations/{memory_id}
DELETE /v1/conversations/{memory_id}
POST /v1/conversations/{memory_id}/reprocess
PATCH /v1/conversations/{memory_id}/title
GET /v1/conversations/{memory_id}/photos
GET /v1/conversations/{memory_id}/transcripts
GET /v1/conversations/{memory_id}/recording
PATCH /v1/conversations/{memory_id}/events
PATCH /v1/conversations/{memory_id}/action-items
DELETE /v1/conversations/{memory_id}/action-items
PATCH /v1/conversations/{memory_id}/segments/{segment_idx}/assign
PATCH /v1/conversations/{memory_id}/visibility
GET /v1/conversations/{memory_id}/shared
GET /v1/public-conversations
POST /v3/memories
GET /v3/memories
DELETE /v3/memories
DELETE /v3/memories/{fact_id}
PATCH /v3/memories/{fact_id}
POST /v3/memories/{fact_id}/review
PATCH /v3/memories/{fact_id}/visibility
GET /v1/users/language
PATCH /v1/users/language
POST /v1/users/analytics/chat_message
GET /v1/apps
GET /v1/approved-apps
GET /v1/apps/popular
GET /v1/apps/{app_id}
POST /v1/apps/enable
POST /v1/apps/disable
POST /v1/apps/review
PATCH /v1/apps/{app_id}/review
GET /v1/apps/{app_id}/reviews
GET /v1/app-categories
GET /v1/plugin-categories
GET /v1/app-capabilities
POST /v2/messages
GET /v2/messages
DELETE /v2/messages
POST /v2/initial-message
GET /v2/firmware/latest
DELETE /v1/conversations/in-progress/clear
PATCH /v1/conversations/{memory_id}/assign-speaker/{speaker_id}
POST /v1/conversations/{memory_id}/test-prompt
GET /v1/users/translation
PATCH /v1/users/translation
POST /v1/voice-messages
POST /v2/voice-messages
POST /v1/voice-message/transcribe
POST /v1/files
POST /v1/messages/{message_id}/report
POST /v1/messages/upload
POST /v1/apps/{app_id}/keys
GET /v1/apps/{app_id}/keys
DELETE /v1/apps/{app_id}/keys/{key_id}
POST /v2/integrations/{app_id}/user/conversations
POST /v2/integrations/{app_id}/user/memories
POST /v2/integrations/{app_id}/user/facts
GET /v2/integrations/{app_id}/memories
GET /v2/integrations/{app_id}/conversations
POST /v2/integrations/{app_id}/search/conversations
POST /v2/integrations/{app_id}/notification
POST /v1/integrations/notification
POST /v1/notification
GET /v1/mcp/memories
POST /v1/mcp/memories
DELETE /v1/mcp/memories/{fact_id}
PATCH /v1/mcp/memories/{fact_id}
GET /v1/mcp/conversations
GET /v1/mcp/conversations/{memory_id}
POST /v1/mcp/users
PUT /v1/users/preferences/app
POST /v1/users/developer/dev-mode
"""
NOT_SERVED = {
    "POST /v1/mcp/users": "users are whoever signs in; each makes keys for their tools at `/v1/mcp/keys`",
    "POST /v1/notification": "no key here opens every user",
    "POST /v1/messages/upload": "never finished in the original: apps send files first, and name them in a message",
}
"""By route. As soon as one is served, it has to go from here."""

ERAS = {
    "September 2024": SEPTEMBER_2024,
    "October 2024, where it differs": OCTOBER_2024,
    "June 2025, by its names": JUNE_2025,
}

TESTS = {
    "/health": "test_http_health.py",
    "/mcp": "test_http_tools.py",
    "/plugins": "test_http_plugins.py",
    "/webhook": "test_http_reports.py",
    "/sdcard_memory": "test_http_card_recordings.py",
    "/v1/agents/hume": "test_http_emotions.py",
    "/v1/app": "test_http_apps.py",
    "/v1/apps/{app_id}/keys": "test_http_app_integrations.py",
    "/v1/approved-apps": "test_http_apps.py",
    "/v1/conversations": "test_http_conversations.py",
    "/v1/conversations/in-progress": "test_http_in_progress.py",
    "/v1/conversations/{memory_id}/test-prompt": "test_http_wishes.py",
    "/v1/facts": "test_http_facts.py",
    "/v1/files": "test_http_chat_files.py",
    "/v1/firmware": "test_http_firmware.py",
    "/v1/initial-message": "test_http_messages.py",
    "/v1/integrations": "test_http_integrations.py",
    "/v1/joan": "test_http_followup_questions.py",
    "/v1/integrations/notification": "test_http_app_integrations.py",
    "/v1/mcp": "test_http_tools.py",
    "/v1/memories": "test_http_memories.py",
    "/v1/memories/{memory_id}/": "test_http_memory_edits.py",
    "/v1/memories/{memory_id}/photos": "test_http_photos.py",
    "/v1/memories/{memory_id}/post-processing": "test_http_post_processing.py",
    "/v1/memories/{memory_id}/recording": "test_http_post_processing.py",
    "/v1/memories/{memory_id}/reprocess": "test_http_memories.py",
    "/v1/memories/{memory_id}/segments": "test_http_people.py",
    "/v1/memories/{memory_id}/transcripts": "test_http_post_processing.py",
    "/v1/messages": "test_http_messages.py",
    "/v1/objects": "test_http_speech_profile.py",
    "/v1/plugin-categories": "test_http_apps.py",
    "/v1/plugins": "test_http_plugins.py",
    "/v1/plugins/{plugin_id}/money": "test_http_plugin_uses.py",
    "/v1/plugins/{plugin_id}/usage": "test_http_plugin_uses.py",
    "/v1/processing-memories": "test_http_in_progress.py",
    "/v1/public-conversations": "test_http_conversations.py",
    "/v1/public-memories": "test_http_memory_edits.py",
    "/v1/sync-local-files": "test_http_offline_files.py",
    "/v1/trends": "test_http_integrations.py",
    "/v1/users": "test_http_accounts.py",
    "/v1/users/developer/dev-mode": "test_http_wishes.py",
    "/v1/users/preferences": "test_http_wishes.py",
    "/v1/users/translation": "test_http_wishes.py",
    "/v1/users/developer": "test_http_developer_webhooks.py",
    "/v1/users/emotional-feedback": "test_http_emotions.py",
    "/v1/users/fcm-token": "test_http_push_tokens.py",
    "/v1/users/geolocation": "test_http_in_progress.py",
    "/v1/users/people": "test_http_people.py",
    "/v1/users/store-recording-permission": "test_http_speech_profile.py",
    "/v1/voice-message": "test_http_voice_messages.py",
    "/v2/files": "test_http_chat_files.py",
    "/v2/firmware": "test_http_firmware.py",
    "/v2/integrations": "test_http_app_integrations.py",
    "/v2/initial-message": "test_http_messages.py",
    "/v2/memories": "test_http_in_progress.py",
    "/v2/messages": "test_http_messages.py",
    "/v2/plugins": "test_http_plugins.py",
    "/v2/voice-message": "test_http_voice_messages.py",
    "/v3/memories": "test_http_renamed_facts.py",
    "/v3/speech-profile": "test_http_speech_profile.py",
    "/v3/upload": "test_http_speech_profile.py",
    "/v4/speech-profile": "test_http_speech_profile.py",
}
"""Where routes are tested, by how they begin."""
