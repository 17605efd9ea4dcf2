"""One conversation of a chat file, in any of the known shapes, as plain messages.

ShareGPT: `conversations` of `{from, value}`. Alpaca: `instruction, input, output`, with `system`
and `history` in some files. OpenAI: `messages` of `{role, content}`; content is a text or a list
of blocks. Placeholders such as `{{name}}` stay as they are.
"""

from __future__ import annotations

import json

from molting_tui.records.turns import Message, Role
from molting_tui.sources.kinds import chat_kind, is_message_list
from molting_tui.sources.lines import clean

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "human": "user",
    "user": "user",
    "prompter": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "function_call": "tool_call",
    "tool_call": "tool_call",
    "observation": "tool",
    "tool": "tool",
    "function": "tool",
    "tool_response": "tool",
}
_MEDIA = ("images", "image", "videos", "video", "audios", "audio")
_THOUGHTS = frozenset(("reasoning", "thinking", "redacted_thinking"))


class BadItem(Exception):
    """An item that is no conversation. `reason` is the left-out reason, the text says what is wrong."""

    def __init__(self, reason: str, what: str) -> None:
        self.reason = reason
        super().__init__(what)


def messages_of(item: object) -> list[Message]:
    """The messages of one item, blank ones among them. Raises BadItem."""
    if is_message_list(item):
        item = {"messages": item}
    kind = chat_kind(item)
    if kind is None or not isinstance(item, dict):
        raise BadItem("damaged-item", "not a conversation")
    if any(item.get(name) for name in _MEDIA):
        raise BadItem("has-image", "a conversation with images")
    if kind == "alpaca":
        return _alpaca(item)
    messages = _system(item)
    for message in item["conversations" if kind == "sharegpt" else "messages"]:
        if not isinstance(message, dict):
            raise BadItem("damaged-item", "a message that is no object")
        messages += _sharegpt(message) if kind == "sharegpt" else _openai(message)
    return messages


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadItem("damaged-item", f"{field} is no text")
    return clean(value)


def _role(word: object) -> Role:
    role = _ROLES.get(word.lower()) if isinstance(word, str) else None
    if role is None:
        raise BadItem("damaged-item", f"unknown role: {word!s:.40}")
    return role


def _system(item: dict[str, object]) -> list[Message]:
    text = _text(item.get("system"), "system")
    return [Message("system", text)] if text.strip() else []


def _sharegpt(message: dict[str, object]) -> list[Message]:
    return [Message(_role(message.get("from")), _text(message.get("value"), "value"))]


def _alpaca(item: dict[str, object]) -> list[Message]:
    """An Alpaca item's messages: `history` comes first, `input` stands below the instruction. Raises BadItem."""
    messages = _system(item)
    history = item.get("history") or []
    if not isinstance(history, list):
        raise BadItem("damaged-item", "history is no list")
    for exchange in history:
        if not isinstance(exchange, list) or len(exchange) != 2:
            raise BadItem("damaged-item", "history is no list of [prompt, answer]")
        messages += [
            Message("user", _text(exchange[0], "history")),
            Message("assistant", _text(exchange[1], "history")),
        ]
    parts = (_text(item.get("instruction"), "instruction"), _text(item.get("input"), "input"))
    messages.append(Message("user", "\n\n".join(part for part in parts if part.strip())))
    messages.append(Message("assistant", _text(item.get("output"), "output")))
    return messages


def _openai(message: dict[str, object]) -> list[Message]:
    role = _role(message.get("role"))
    content = message.get("content")
    messages = _blocks(role, content) if isinstance(content, list) else [Message(role, _text(content, "content"))]
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        raise BadItem("damaged-item", "tool_calls is no list")
    if calls:
        # An assistant message that only calls tools has no text of its own.
        messages = [m for m in messages if m.text.strip()]
        messages += [Message("tool_call", _json(call)) for call in calls]
    return messages


def _blocks(role: Role, blocks: list[object]) -> list[Message]:
    """A message's texts as one, before its tool calls; thoughts are left out. Raises BadItem, for images too."""
    messages: list[Message] = []
    texts: list[str] = []
    for block in blocks:
        fields: dict[str, object] = block if isinstance(block, dict) else {"type": "text", "text": block}
        kind = fields.get("type")
        value = fields.get("text") if fields.get("text") is not None else fields.get("value")
        if kind in ("text", "input_text", "output_text"):
            texts.append(_text(value, "text"))
        elif kind == "tool_call":
            messages.append(
                Message("tool_call", _text(value, "tool_call") if isinstance(value, str) else _json(fields))
            )
        elif isinstance(kind, str) and ("image" in kind or kind in _MEDIA):
            raise BadItem("has-image", "a conversation with images")
        elif not isinstance(kind, str) or kind not in _THOUGHTS:
            raise BadItem("damaged-item", f"unknown content: {kind!s:.40}")
    if texts or not messages:
        messages.insert(0, Message(role, "".join(texts)))
    return messages


def _json(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False))


def tool_name(call: str) -> str:
    """The name in a tool call's JSON, `function_call` where it has none."""
    try:
        value = json.loads(call)
    except (ValueError, RecursionError):
        return "function_call"
    if isinstance(value, list) and value:
        value = value[0]
    for holder in (value.get("function"), value) if isinstance(value, dict) else ():
        if isinstance(holder, dict) and isinstance(holder.get("name"), str):
            return clean(holder["name"])
    return "function_call"
