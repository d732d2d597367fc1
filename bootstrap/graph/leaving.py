"""Users who leave: everything that is kept of them goes."""

from functools import partial

from dependency_injector import providers

from application.delete_account import DeleteAccount
from application.forget_user import (
    ForgetAccount,
    ForgetConversations,
    ForgetMemories,
    ForgetReviews,
    ForgetWork,
    forget_facts,
    forget_integration_keys,
    forget_objects,
    forget_people,
    forget_values,
    forget_vectors,
)
from bootstrap.graph.post_processing import PostProcessing


class Leaving(PostProcessing):
    """Who leaves."""

    forget_memories = providers.Singleton(
        ForgetMemories, memories=PostProcessing.memory_repository, forget=PostProcessing.forget_memory
    )
    delete_account = providers.Singleton(
        DeleteAccount,
        jobs=PostProcessing.job_queue,
        stores=providers.Dict(
            conversations=providers.Singleton(
                ForgetConversations,
                conversations=PostProcessing.conversations,
                journal=PostProcessing.capture_journal,
                forget=PostProcessing.forget_memory,
            ),
            work=providers.Singleton(ForgetWork, jobs=PostProcessing.job_queue),
            memories=forget_memories,
            facts=providers.Callable(partial, forget_facts, PostProcessing.facts),
            shown_facts=PostProcessing.show_facts.provided.forget_user,
            people=providers.Callable(partial, forget_people, PostProcessing.people),
            chat=PostProcessing.chat_history.provided.clear,
            objects=providers.Callable(partial, forget_objects, PostProcessing.object_store),
            voices=PostProcessing.speech_profiles.provided.forget_user,
            vectors=providers.Callable(partial, forget_vectors, PostProcessing.vector_index),
            plugins=PostProcessing.enabled_plugins.provided.forget_user,
            webhooks=PostProcessing.developer_webhooks.provided.forget_user,
            reviews=providers.Singleton(
                ForgetReviews, reviews=PostProcessing.plugin_reviews, catalog=PostProcessing.plugin_catalog
            ),
            whereabouts=PostProcessing.whereabouts.provided.forget_user,
            recordings=PostProcessing.recordings.provided.forbid,
            feelings=PostProcessing.emotional_feedback.provided.decline,
            integrations=providers.Callable(partial, forget_integration_keys, PostProcessing.integration_keys),
            account=providers.Singleton(
                ForgetAccount, accounts=PostProcessing.accounts, push_addresses=PostProcessing.push_addresses
            ),
            memories_made_meanwhile=forget_memories,
            texts=PostProcessing.text_index.provided.clear,
            costs=PostProcessing.usage_ledger.provided.forget,
            values=providers.Callable(partial, forget_values, PostProcessing.key_value_store),
        ),
    )
