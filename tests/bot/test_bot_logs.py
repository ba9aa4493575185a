"""No secret reaches a log record."""

import json
import logging

import pytest

from bot.logs import NO_HANDLE, SELDOM_S, JsonFormatter, Redact, Seldom, TextFormatter


def record(text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("discord.http", logging.DEBUG, __file__, 1, text, args, None)


@pytest.mark.parametrize(
    "line",
    [
        "PATCH https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246c2VjcmV0/messages/@original",
        "POST https://discord.com/api/v10/interactions/99/aW50ZXJhY3Rpb246c2VjcmV0/callback",
        "Dispatching {'id': '9', 'token': 'aW50ZXJhY3Rpb246c2VjcmV0', 'type': 2}",
        'sent {"token": "aW50ZXJhY3Rpb246c2VjcmV0"}',
        "identify with BOT.TOKEN.aW50ZXJhY3Rpb246c2VjcmV0",
        "GET https://cdn.discordapp.com/attachments/1/2/cat.png?ex=65aa&is=65ab&hm=65aa65aa",
    ],
)
def test_tokens_are_blanked(line: str) -> None:
    one = record("%s", line)
    assert Redact(["BOT.TOKEN.aW50ZXJhY3Rpb246c2VjcmV0"]).filter(one)
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in one.getMessage()
    assert "65aa" not in one.getMessage()


def test_what_is_no_secret_stays() -> None:
    one = record("job %s dreamed in %.1f s", 7, 12.34)
    Redact(["secret"]).filter(one)
    assert one.getMessage() == "job 7 dreamed in 12.3 s"


def test_a_traceback_is_cleaned_too() -> None:
    try:
        raise ValueError("PATCH /webhooks/123/aW50ZXJhY3Rpb246c2VjcmV0/messages/1 failed")
    except ValueError as error:
        one = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    Redact([]).filter(one)
    shown = logging.Formatter().format(one)
    assert "ValueError" in shown
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in shown


def test_a_record_that_cannot_be_put_together_is_shown_as_it_is_and_harms_nobody() -> None:
    one = record("%d dreams of /webhooks/123/aW50ZXJhY3Rpb246c2VjcmV0", "three")
    assert Redact([]).filter(one)
    assert "three" in one.getMessage()
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in one.getMessage()


def test_a_stack_is_cleaned_too() -> None:
    one = record("here")
    one.stack_info = 'File "x.py": fetch("/webhooks/123/aW50ZXJhY3Rpb246c2VjcmV0")'
    Redact([]).filter(one)
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in logging.Formatter().format(one)


def test_fields_are_cleaned_and_stand_in_both_forms() -> None:
    one = record("a job's %s", "life")
    one.fields = {"job": 7, "fault": None, "network": "lite2", "odd": "/webhooks/1/aW50ZXJhY3Rpb246c2VjcmV0\nand more"}
    assert Redact([]).filter(one)
    text, line = TextFormatter().format(one), json.loads(JsonFormatter().format(one))
    assert "a job's life job=7 network=lite2 odd=" in text
    assert (line["message"], line["level"], line["logger"]) == ("a job's life", "DEBUG", "discord.http")
    assert (line["job"], line["fault"], line["network"]) == (7, None, "lite2")
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in text + str(line)


def test_an_error_is_one_line_of_json() -> None:
    try:
        raise ValueError("PATCH /webhooks/123/aW50ZXJhY3Rpb246c2VjcmV0/messages/1 failed")
    except ValueError as error:
        one = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    Redact([]).filter(one)
    line = JsonFormatter().format(one)
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["error"]
    assert "aW50ZXJhY3Rpb246c2VjcmV0" not in line


def test_that_no_handle_is_left_is_said_once_a_minute() -> None:
    seldom = Seldom()
    said = f"{NO_HANDLE}\nsocket: 7"
    ones = [logging.LogRecord("asyncio", logging.ERROR, __file__, 1, said, None, None) for _ in range(3)]
    ones[2].created = ones[0].created + SELDOM_S
    assert [seldom.filter(one) for one in ones] == [True, False, True]
    assert seldom.filter(record("something else"))
