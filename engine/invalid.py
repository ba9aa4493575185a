"""What is wrong with a recipe that somebody typed, in a sentence: pydantic says it in English alone."""

from __future__ import annotations

import re

from pydantic import ValidationError

from engine.errors import RecipeError
from engine.sentences import Value, mark

# By pydantic's type of error; the names in braces are those of its ``ctx``.
_WRONG = {
    "greater_than_equal": mark("This recipe cannot be used: {field}: input should be greater than or equal to {ge}."),
    "greater_than": mark("This recipe cannot be used: {field}: input should be greater than {gt}."),
    "less_than_equal": mark("This recipe cannot be used: {field}: input should be less than or equal to {le}."),
    "less_than": mark("This recipe cannot be used: {field}: input should be less than {lt}."),
    "literal_error": mark("This recipe cannot be used: {field}: input should be {expected}."),
    "too_long": mark("This recipe cannot be used: {field}: input should have at most {max_length} values."),
    "extra_forbidden": mark("This recipe cannot be used: recipes have no field {field}."),
    "json_invalid": mark("This recipe cannot be used: it is not JSON. Copy it again, whole."),
    "string_pattern_mismatch": mark(
        "This recipe cannot be used: {field} takes the 64 hex digits of a picture's SHA-256."
    ),
}
# The same by the first word of its type: int_parsing, int_type, …
_KIND = {
    "string": mark("This recipe cannot be used: {field}: input should be a valid string."),
    "int": mark("This recipe cannot be used: {field}: input should be a whole number."),
    "float": mark("This recipe cannot be used: {field}: input should be a number."),
    "finite": mark("This recipe cannot be used: {field}: input should be a number."),
    "bool": mark("This recipe cannot be used: {field}: input should be true or false."),
    "tuple": mark("This recipe cannot be used: {field}: input should be a list."),
}
_OTHER = mark("This recipe cannot be used: {field} cannot be read. Copy it again, whole.")
_VERSION = mark("This recipe was made by another version of Oneiros. Update Oneiros, or use another recipe.")


def sentence(error: ValidationError) -> RecipeError:
    """Return the first thing that is wrong as an error for a person."""
    first = error.errors()[0]
    context = first.get("ctx", {})
    cause = getattr(context.get("error"), "__cause__", None)
    if isinstance(cause, RecipeError):
        return cause
    field = ".".join(str(part) for part in first["loc"]) or "recipe"
    if field == "version":
        return RecipeError(_VERSION)
    kind = first["type"]
    message = _WRONG.get(kind) or _KIND.get(kind.partition("_")[0]) or _OTHER
    return RecipeError(message, field=field, **{name: _put(value) for name, value in context.items()})


def _put(value: object) -> Value:
    if isinstance(value, int | float):
        return value
    # “'classic' or 'natural'”
    return tuple(re.findall(r"'[^']*'", str(value))) or str(value)
