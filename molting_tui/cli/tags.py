"""`molting tags`: the tags in use."""

from __future__ import annotations

import click

from molting_tui.cli.printing import say, say_bars, say_json
from molting_tui.cli.running import Command, desk_here, json_option, where_option


@click.command(
    cls=Command,
    examples=(
        "molting tags",
        "molting tags --where state:keep",
        "molting pairs --where tag:voice       # the pairs of a tag",
    ),
)
@where_option("Count in the pairs that match only.")
@json_option()
def tags(where: str, as_json: bool) -> None:
    """List your tags, the most used first, each with how many pairs have it."""
    with desk_here() as desk:
        in_use = desk.tags(where)
    if as_json:
        say_json([{"tag": tag.name, "pairs": tag.pairs} for tag in in_use])
    elif in_use:
        say_bars({tag.name: tag.pairs for tag in in_use})
    else:
        say("No pair that matches has a tag." if where else "No pair has a tag yet: molting decide 12 tag --tag voice")
