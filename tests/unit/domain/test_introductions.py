"""Names are found where somebody introduces themselves, and hardly ever elsewhere."""

import pytest

from domain.introductions import introduced


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I'm Anna.", "Anna"),
        ("Hi, I’m Anna, nice to meet you.", "Anna"),
        ("Hello, I am Anna Keller.", "Anna Keller"),
        ("I'm David from accounting.", "David"),
        ("My name is Xiomara.", "Xiomara"),
        ("Oh, my name's Siobhan, by the way.", "Siobhan"),
        ("My name is Anne-Marie and I work here.", "Anne-Marie"),
        ("You can call me Bob.", "Bob"),
        ("Good morning, this is Julia speaking.", "Julia"),
        ("Guten Tag, mein Name ist Jürgen.", "Jürgen"),
        ("Ich heiße Anna und komme aus Bern.", "Anna"),
        ("Ich bin die Anna.", "Anna"),
        ("Bonjour, je m'appelle Élodie.", "Élodie"),
        ("Hola, me llamo Íñigo.", "Íñigo"),
        ("Ciao, mi chiamo Giulia!", "Giulia"),
        ("Hoi, ik heet Sanne.", "Sanne"),
    ],
)
def test_who_introduces_themselves_is_named(text: str, name: str) -> None:
    assert introduced(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I'm sorry.",
        "I'm Sorry.",
        "I'm fine, thanks.",
        "I'm German.",
        "I am German and she is French.",
        "I'm Christian.",
        "Call me later.",
        "Call me Monday.",
        "Call me Later.",
        "I'm Anna's mother.",
        "I'm Anna’s mother.",
        "I'm not Anna.",
        "Are you Anna?",
        "Anna is here.",
        "This is Anna.",
        "This is my friend Bob.",
        "His name is Bob.",
        "And then he said I'm Bob.",
        "She goes, my name is Anna.",
        "If my name is Anna, then what?",
        "I wish my name was Anna.",
        "My name is not important.",
        "I'm Batman.",
        "I'm In Love.",
        "I'm Googling it.",
        "I am the Walrus.",
        "I'm Paris bound.",
        "I'm Jordan Peterson's biggest fan.",
        "i'm anna",
        "I'm Mark my words.",
        "I'm Will you stop.",
        "Ich bin Deutscher.",
        "Ich bin Anwalt.",
        "Ich heiße Sie herzlich willkommen.",
        "Mein Name ist Hase.",
        "Je suis Français.",
        "Soy Española.",
        "Sono Italiano.",
        "I'm Anna Karenina reading club chair",
    ],
)
def test_what_may_be_anything_else_is_passed_over(text: str) -> None:
    assert introduced(text) is None


def test_the_first_who_is_sure_counts() -> None:
    assert introduced("I'm German. My name is Anna.") == "Anna"


def test_a_long_text_takes_no_time() -> None:
    assert introduced("I'm " * 20_000 + "A" * 20_000) is None
