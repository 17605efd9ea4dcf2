"""One conversation in the shapes that trainers read: ShareGPT, Alpaca, OpenAI messages, Parquet.

Every row of a file has the same fields of the same types, whatever it holds. `datasets` takes its schema from the
first 10 MB of a JSONL file and refuses the rest if a later row has a field more (seen with 5.2). So a message has a
role and a content and nothing else, and tool calls, which would need more, are left to ShareGPT, where a call is a
text like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, get_args

from molting_tui.records.pairs import Pair
from molting_tui.records.turns import Message, Role

Format = Literal["sharegpt", "alpaca", "messages", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Row = dict[str, Any]

SHAREGPT_NAMES: dict[Role, str] = {
    "system": "system",
    "user": "human",
    "assistant": "gpt",
    "tool_call": "function_call",
    "tool": "observation",
}
"""ShareGPT's names for who speaks, as LLaMA-Factory reads them."""

TOOL_MESSAGES = "tool-messages"
UNEVEN_HISTORY = "uneven-history"
BANK_QUESTION = "bank-question"
WHY = {
    TOOL_MESSAGES: "calls of tools and their results have no place in this format; sharegpt holds them",
    UNEVEN_HISTORY: "what came before isn't prompt and answer by turns, as Alpaca's history is; sharegpt holds it",
    BANK_QUESTION: "they ask what a `generalise` question of the bank asks, and that is never trained on",
}
"""What each reason for leaving a pair out means."""

_ASKING = ("user", "tool")
_ANSWERING = ("assistant", "tool_call")


class Conversation(NamedTuple):
    """What a pair says: the system turn (empty: none), then every message up to the answer, which is the last."""

    system: str
    messages: tuple[Message, ...]

    def mapped(self, change: Callable[[str], str]) -> Conversation:
        """The same conversation with `change` made to every text."""
        messages = tuple(Message(message.role, change(message.text)) for message in self.messages)
        return Conversation(change(self.system), messages)

    def whole(self) -> tuple[Message, ...]:
        """All messages, with the system turn first if there is one."""
        return (Message("system", self.system), *self.messages) if self.system else self.messages


class Unfit(NamedTuple):
    """Why a format can't hold a conversation: one of the reasons in `WHY`."""

    reason: str


def conversation_of(pair: Pair, system_prompt: str = "") -> Conversation:
    """A pair with its current texts. `system_prompt` is its system turn if it has none of its own."""
    system = pair.system if pair.system.strip() else system_prompt
    messages = (*pair.context, Message("user", pair.instruction), Message("assistant", pair.response))
    return Conversation(system, messages)


def row_of(conversation: Conversation, kind: Format) -> Row | Unfit:
    """The conversation as one row of a file of this format, or why it can't be one."""
    if kind == "sharegpt":
        return sharegpt_row(conversation)
    return alpaca_row(conversation) if kind == "alpaca" else messages_row(conversation)


def sharegpt_row(conversation: Conversation) -> Row:
    """`{"conversations": [{"from", "value"}, …]}`, the system turn first; it holds every conversation."""
    return {
        "conversations": [{"from": SHAREGPT_NAMES[role], "value": text} for role, text in conversation.whole()],
    }


def alpaca_row(conversation: Conversation) -> Row | Unfit:
    """`{"instruction", "input", "output", "system", "history"}` as LLaMA-Factory has it.

    All five are always there: `input` is always empty, `system` is empty where there is no system turn, `history`
    is a list of [prompt, answer] of the turns before, oldest first.
    """
    if _has_tools(conversation.messages):
        return Unfit(TOOL_MESSAGES)
    *before, asked, answer = conversation.messages
    roles = [message.role for message in before]
    if roles != ["user", "assistant"] * (len(roles) // 2):
        return Unfit(UNEVEN_HISTORY)
    texts = [message.text for message in before]
    return {
        "instruction": asked.text,
        "input": "",
        "output": answer.text,
        "system": conversation.system,
        "history": [list(exchange) for exchange in zip(texts[::2], texts[1::2], strict=True)],
    }


def messages_row(conversation: Conversation) -> Row | Unfit:
    """`{"messages": [{"role", "content"}, …]}`, the system turn first: what TRL trains on, and a row of Parquet."""
    if _has_tools(conversation.messages):
        return Unfit(TOOL_MESSAGES)
    return {"messages": [{"role": role, "content": text} for role, text in conversation.whole()]}


def by_turns(messages: Sequence[Message]) -> bool:
    """Whether asking and answering alternate, asking first.

    LLaMA-Factory skips any other conversation with no more than a warning, and the chat templates of Llama 2 and
    Mistral refuse it.
    """
    return all(message.role in (_ANSWERING if place % 2 else _ASKING) for place, message in enumerate(messages))


def _has_tools(messages: Sequence[Message]) -> bool:
    return any(message.role in ("tool_call", "tool") for message in messages)
