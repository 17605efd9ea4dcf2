"""Why something that was read didn't become a pair, in plain words, by the reason's stable name."""

from __future__ import annotations

MEANINGS = {
    # Whole files.
    "empty-file": "nothing in the file",
    "not-a-session": "neither a Claude Code session nor a ShareGPT, Alpaca or messages file",
    "codex-log": "a Codex log, which this version doesn't read",
    "gemini-log": "a Gemini session, which this version doesn't read",
    "unreadable": "couldn't be opened or read to its end",
    "subagent-file": "the log of a subagent: no person spoke in it",
    # Lines and records.
    "damaged-line": "a line, or a part of one, that isn't a JSON record",
    "long-line": "a line above 64 MB, which isn't read",
    "recovered-line": "a damaged line that was read all the same",
    "other-record": "a kind of record that molting doesn't know",
    "repeated-record": "a record that stands in the file twice",
    "sidechain": "a side conversation with a subagent",
    "synthetic": "written by the program in the assistant's place (an API error, for instance)",
    "unprompted": "said by the assistant with no person's prompt before it",
    # User records that no person typed.
    "meta": "added by the program for the assistant to read",
    "command": "a slash command without text of its own",
    "command-output": "the output of a slash command",
    "interrupt": "the note that a person interrupted",
    "plan-handoff": "a plan, written by the model and handed on",
    "compaction": "a summary of the conversation so far, written by the model",
    "teammate": "a message from another agent",
    "task-notification": "the news that a background task ended",
    "bash": "a shell command of the person's own, or its output",
    "warm-up": "a warm-up prompt of the program",
    "hook": "a message from a hook",
    "other-origin": "sent by something else than a person",
    "image-only": "an image without text",
    "injected-only": "nothing but context that a tool put in",
    "blank-prompt": "a prompt without text",
    # Chat files.
    "damaged-item": "a conversation that couldn't be read",
    "incomplete-conversation": "a conversation that nobody began or that ends without an answer",
    "has-image": "a conversation with an image, audio or a file in it",
    "blank-message": "a message without text; its conversation was taken without it",
    "tool-definitions": "the tools a conversation names; the conversation itself was taken",
    # Turns and pairs.
    "duplicate-turn": "a turn that was read already (resumed and forked sessions copy their history)",
    "duplicate-text": "a prompt and answer that another turn has word for word",
    "incomplete": "a turn that ends with a tool and no final answer",
    "no-answer": "a turn without any text of the assistant",
    "short-prompt": "a prompt shorter than `min_prompt` in molting.toml",
    "short-answer": "an answer shorter than `min_answer` in molting.toml",
    "unforeseen": "a turn that molting fails at: please report it; it isn't lost, only without a pair",
    "tool-only": "an answer that looks like the output of a tool",
}


def meaning(reason: str) -> str:
    """What a reason means; the reason itself where it has no words yet."""
    return MEANINGS.get(reason, reason)
