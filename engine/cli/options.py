"""An option for each of the recipe's fields, with its range, its description and its default in each look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

import annotated_types
import click
from pydantic.fields import FieldInfo

from engine.films.settings import Film
from engine.recipe import Look, Recipe

# Of these the command line takes pictures, and the recipe gets their hashes.
NOT_TYPED = frozenset({"version", "guide", "mask"})


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers with commas between them, such as 1,0.5; click shows the function's name as what is taken."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter(f"“{text}” is not a row of numbers. Write them with commas: 1,0.5.") from error


def recipe_options(command: Callable[..., None], but: frozenset[str] = NOT_TYPED) -> Callable[..., None]:
    """Add an option for each of the recipe's fields. What is not given is None, so that the look's default holds."""
    for name, field in reversed(Recipe.model_fields.items()):
        if name not in but:
            add = click.option(_flags(name, field), name, type=_type(field), default=None, help=_help(name, field))
            command = add(command)
    return command


def film_options(kind: type[Film]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option for each of a film's fields, and of the recipe's, whose size is the film's."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        command = recipe_options(command, NOT_TYPED | {"size"})
        for name, field in reversed(kind.model_fields.items()):
            if name != "version":
                default = ", ".join(filter(None, [_range(field), f"default {_typed(field.default)}"]))
                help_ = f"{field.description}  [{default}]"
                option = click.option(_flags(name, field), name, type=_type(field), default=None, help=help_)
                command = option(command)
        return command

    return add


def defaults(name: str) -> dict[str, str]:
    """Return a field's default as one would type it: of the classic look, and of others where it differs there."""
    looks: tuple[Look, ...] = get_args(Look)
    typed = {look: _typed(getattr(Recipe(look=look), name)) for look in looks}
    if name == "look":
        return {"classic": _typed(Recipe().look)}
    return {look: value for look, value in typed.items() if look == "classic" or value != typed["classic"]}


def _flags(name: str, field: FieldInfo) -> str:
    flag = name.replace("_", "-")
    return f"--{flag}/--no-{flag}" if field.annotation is bool else f"--{flag}"


def _type(field: FieldInfo) -> Any:
    if get_args(field.annotation) and get_origin(field.annotation) is not tuple:
        return click.Choice(get_args(field.annotation))
    return numbers if get_origin(field.annotation) is tuple else field.annotation


def _help(name: str, field: FieldInfo) -> str:
    classic, *others = defaults(name).items()
    default = ", ".join([f"default {classic[1]}", *(f"{look} {value}" for look, value in others)])
    return f"{field.description}  [{'; '.join(filter(None, [_range(field), default]))}]"


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" for part in value) or "1"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _range(field: FieldInfo) -> str:
    """Return what numbers are taken, in words: 1 to 12, over 0 to 0.5."""
    low = high = ""
    for bound in field.metadata:
        if isinstance(bound, annotated_types.Ge):
            low = f"{bound.ge:g}"
        elif isinstance(bound, annotated_types.Gt):
            low = f"over {bound.gt:g}"
        elif isinstance(bound, annotated_types.Le):
            high = f"{bound.le:g}"
        elif isinstance(bound, annotated_types.Lt):
            high = f"below {bound.lt}"
    return f"{low} to {high}" if low and high else ""
