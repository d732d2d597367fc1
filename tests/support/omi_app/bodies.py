"""Facts, people, plugins and the rest: which keys the app cannot do without."""

from typing import Any

from tests.support.omi_app.dart import Value

FACT_CATEGORIES = ("hobbies", "lifestyle", "interests", "habits", "work", "skills", "other")


def anything(_: Value) -> None:
    """The app looks at the status only."""


def fact(value: Value) -> None:
    for key in ("id", "uid", "content"):
        value[key].text()
    value["category"].one_of(*FACT_CATEGORIES)
    value["created_at"].moment()
    value["updated_at"].moment()
    for key in ("reviewed", "manually_added", "edited", "deleted"):
        value[key].boolean()
    value["user_review"].optional(Value.boolean)
    value["memory_id"].optional(Value.text)


def renamed_fact(value: Value) -> None:
    """Since 2025: facts are called memories, and can be shown."""
    fact(value)
    value["visibility"].one_of("private", "public")
    value["conversation_id"].optional(Value.text)


def person(value: Value) -> None:
    value["id"].text()
    value["name"].text()
    value["created_at"].moment()
    value["updated_at"].moment()
    value["speech_samples"].optional(texts)


def people(value: Value) -> None:
    value.all(person)


def plugin(value: Value) -> None:
    for key in ("id", "name", "author", "description", "image"):
        value[key].text()
    texts(value["capabilities"])
    value["memory_prompt"].optional(Value.text)
    value["chat_prompt"].optional(Value.text)
    value["external_integration"].optional(_integration)
    value["reviews"].all(_review)
    value["user_review"].optional(_review)
    value["rating_avg"].optional(Value.double)
    value["rating_count"].integer()
    value["enabled"].boolean()
    value["deleted"].boolean()
    value["installs"].integer()


def _integration(value: Value) -> None:
    value["webhook_url"].text()
    value["setup_instructions_file_path"].text()
    value["triggers_on"].optional(Value.text)
    value["setup_completed_url"].optional(Value.text)
    for action in value["actions"].items():
        action["action"].text()
    for step in value["auth_steps"].items():
        step["name"].text()
        step["url"].text()


def _review(value: Value) -> None:
    value["rated_at"].moment()
    value["score"].double()
    value["review"].text()


def plugins(value: Value) -> None:
    value.all(plugin)


def app(value: Value) -> None:
    """Since 2025: plugins are called apps."""
    plugin(value)
    value["category"].text()
    value["status"].text()
    value["uid"].optional(Value.text)
    for key in ("approved", "private", "is_paid", "is_user_paid"):
        value[key].boolean()
    value["price"].double()
    value["money_made"].double()
    value["usage_count"].integer()
    texts(value["thumbnails"])


def apps(value: Value) -> None:
    value.all(app)


def app_reviews(value: Value) -> None:
    value.all(_review)


def synced(value: Value) -> None:
    texts(value["new_memories"])
    texts(value["updated_memories"])


def usage(value: Value) -> None:
    for one in value.items():
        one["date"].text()
        one["count"].integer()


def money(value: Value) -> None:
    value["money"].double()
    for kind in ("type1", "type2", "type3"):
        value[kind].integer()


def choices(value: Value) -> None:
    for one in value.items():
        one["title"].text()
        one["id"].text()


def texts(value: Value) -> None:
    value.all(Value.text)


def flags(*keys: str) -> Any:
    """Keys that have to be switches."""

    def read(value: Value) -> None:
        for key in keys:
            value[key].boolean()

    return read


def strings(*keys: str) -> Any:
    """Keys that have to be text."""

    def read(value: Value) -> None:
        for key in keys:
            value[key].text()

    return read
