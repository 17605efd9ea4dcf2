"""Chat templates rendered and encoded as the trainer does it, without torch: `tokenizers` and `jinja2` are enough.

A template is code from a stranger. It runs in Jinja's sandbox, sees plain data only, and what it raises becomes a
sentence. The trainer compares the token ids made here with those of `transformers` and stops where they differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from molting_tui.errors import BadInput
from molting_tui.regular_files import read_regular
from molting_tui.text import show_line

if TYPE_CHECKING:
    from jinja2 import Template

ChatMessage = dict[str, str]
"""`{"role": "system" | "user" | "assistant", "content": text}`."""

TOKENIZER, TOKENIZER_CONFIG, TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"
GENERATION = "generation_config.json"
_SPECIAL = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_CHOOSE = "Choose a chat or instruct model."


class TemplateRefused(BadInput):
    """A template raised for these messages."""


class Cut(NamedTuple):
    """Where a control token stands: its first character, its place among the tokens, how many characters it has."""

    start: int
    token: int
    size: int


class Tokens(NamedTuple):
    """A text as token ids, and the places before which and behind which the text is encoded by itself."""

    ids: list[int]
    cuts: tuple[Cut, ...]


class ChatTokenizer:
    """A base model's tokenizer and chat template. `stops` are the ids of the tokens that end an answer when the base is
    asked: its end token, and those that its generation config names. `control` are the texts of its control tokens."""

    def __init__(
        self, name: str, tokenizer: Any, template: str, special_tokens: dict[str, str], stops: frozenset[int]
    ) -> None:
        self.name = name
        self.template = template
        self.special_tokens = special_tokens
        self.stops = stops
        self._tokenizer = tokenizer
        self._compiled = _compiled(template, name)
        # Those that are looked for in the text as it stands, before anything else is done with it.
        first = {key: token for key, token in tokenizer.get_added_tokens_decoder().items() if not token.normalized}
        self.control = frozenset(token.content for token in first.values())
        self._cutting = _cutting(first)

    @classmethod
    def load(cls, folder: Path, name: str = "") -> ChatTokenizer:
        """Load the tokenizer files of a model folder. `name` is how people know the base (else the folder's name).

        Raises BadInput if a file is missing or can't be used.
        """
        config = _config(folder)
        name = name or folder.name
        tokenizer, special = _tokenizer(folder), _special_tokens(folder, config)
        stops = _stops(folder, tokenizer.token_to_id(special["eos_token"]) if "eos_token" in special else None)
        return cls(name, tokenizer, _template(folder, config, name), special, stops)

    def render(self, messages: Sequence[ChatMessage], add_generation_prompt: bool) -> str:
        """The conversation as the model sees it. Raises TemplateRefused."""
        return _Rendering(self._compiled, self.special_tokens, self.name)(messages, add_generation_prompt)

    def encode(self, messages: Sequence[ChatMessage], add_generation_prompt: bool) -> list[int]:
        """The token ids of the rendered conversation. Raises TemplateRefused."""
        return self.ids(self.render(messages, add_generation_prompt))

    def ids(self, text: str) -> list[int]:
        """The token ids of a text that is rendered already."""
        ids: list[int] = self._encoding(text).ids
        return ids

    def tokens(self, text: str) -> Tokens:
        """The same, with the places at which it can be cut."""
        encoding = self._encoding(text)
        ids: list[int] = encoding.ids
        cuts = []
        for place, number in enumerate(ids):
            if number in self._cutting:
                content, start = self._cutting[number], encoding.token_to_chars(place)[0]
                # A word that the model doesn't know may get the id of such a token, too.
                if text.startswith(content, start):
                    cuts.append(Cut(start, place, len(content)))
        return Tokens(ids, tuple(cuts))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of these tokens, special ones too."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=False)
        return text

    def _encoding(self, text: str) -> Any:
        # The template writes the special tokens itself: added once more, a model would see two.
        return self._tokenizer.encode(text, add_special_tokens=False)


class _Rendering(NamedTuple):
    """A template with the special tokens that it may write; `name` is whose it is."""

    compiled: Template
    special_tokens: Mapping[str, str]
    name: str

    def __call__(self, messages: Sequence[ChatMessage], prompted: bool) -> str:
        try:
            return self._rendered(messages, prompted)
        # A template can raise whatever Python can.
        except Exception as error:
            raise self._refusal(messages, prompted, error) from error

    def _rendered(self, messages: Sequence[ChatMessage], prompted: bool) -> str:
        plain = [{"role": str(m["role"]), "content": str(m["content"])} for m in messages]
        return self.compiled.render(
            messages=plain, tools=None, documents=None, add_generation_prompt=prompted, **self.special_tokens
        )

    def _refusal(self, messages: Sequence[ChatMessage], prompted: bool, error: Exception) -> TemplateRefused:
        """The error for a conversation that can't be rendered: where it can be without its system turn, it says so."""
        reason = show_line(f"{error}" or type(error).__name__, 200).rstrip(".")
        if messages and messages[0]["role"] == "system":
            try:
                self._rendered(messages[1:], prompted)
            except Exception:
                pass
            else:
                return TemplateRefused(
                    f"its chat template takes no system prompt ({reason}).",
                    where=self.name,
                    fix="Leave the system prompt empty, or choose a base that takes one.",
                )
        return TemplateRefused(
            f"its chat template refuses the conversation ({reason}).",
            where=self.name,
            fix="Change the conversation's turns, or choose another base.",
        )


def check_template(template: str, name: str, messages: Sequence[ChatMessage]) -> None:
    """Raise BadInput for a template that can't be read, TemplateRefused for one that doesn't take these messages.

    Special tokens stand in by usual ones: no tokenizer is asked.
    """
    tokens = dict.fromkeys(_SPECIAL, "") | {"bos_token": "<s>", "eos_token": "</s>"}
    _Rendering(_compiled(template, name), tokens, name)(messages, True)


def own_template(folder: Path) -> str | None:
    """The chat template that a model's or an adapter's folder brings; None where it brings none. Raises BadInput for
    one that can't be read."""
    config = _config(folder)
    if not (folder / TEMPLATE).is_file() and not config.get("chat_template"):
        return None
    return _template(folder, config, str(folder))


def _cutting(control: Mapping[int, Any]) -> dict[int, str]:
    """Of control tokens, those at which a text falls apart whatever stands around them, by id."""
    # One that counts only as a word of its own hides others, even where it doesn't count.
    if any(token.single_word for token in control.values()):
        return {}
    return {
        key: token.content
        for key, token in control.items()
        if not token.lstrip and token.content and not token.content[0].isspace()
    }


def _tokenizer(folder: Path) -> Any:
    """The fast tokenizer of a model's folder, set to cut and pad nothing. Raises BadInput."""
    path = folder / TOKENIZER
    if not path.is_file():
        raise BadInput(
            f"no {TOKENIZER} in the model's folder.",
            where=str(folder),
            fix="Choose a base that has one (its tokenizer must be a fast one).",
        )
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    # tokenizers raises plain Exception for whatever it can't read.
    except Exception as error:
        raise BadInput(
            f"isn't a tokenizer: {show_line(str(error))}.", where=str(path), fix="Download the model again."
        ) from error
    # Some files carry the settings of their last use.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _config(folder: Path) -> dict[str, Any]:
    path = folder / TOKENIZER_CONFIG
    return _json(path) if path.is_file() else {}


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"can't be read: {error}.", where=str(path), fix="Download the model again.") from error
    if not isinstance(value, dict):
        raise BadInput("isn't a JSON object.", where=str(path), fix="Download the model again.")
    return value


def _template(folder: Path, config: dict[str, Any], name: str) -> str:
    """The chat template's source: a file of its own, else from the config, the default of several. Raises BadInput."""
    path = folder / TEMPLATE
    try:
        template = read_regular(path).decode("utf-8") if path.is_file() else config.get("chat_template")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"can't be read: {error}.", where=str(path), fix="Download the model again.") from error
    if isinstance(template, list):
        named = {entry.get("name"): entry.get("template") for entry in template if isinstance(entry, dict)}
        template = named.get("default")
        if not isinstance(template, str):
            names = show_line(", ".join(map(str, named)) or "none")
            raise BadInput(f"no chat template is the default one (there are: {names}).", where=name, fix=_CHOOSE)
    if not isinstance(template, str) or not template.strip():
        raise BadInput(
            "the model has no chat template: it is a base model that never learned to chat.",
            where=name,
            fix=_CHOOSE,
        )
    return template


def _special_tokens(folder: Path, config: dict[str, Any]) -> dict[str, str]:
    # Folders from before transformers 4.34 keep them in a file of their own, and then that file holds.
    older = folder / "special_tokens_map.json"
    if "added_tokens_decoder" not in config and older.is_file():
        config = config | _json(older)
    tokens = {name: _content(config.get(name)) for name in _SPECIAL}
    return {name: token for name, token in tokens.items() if token is not None}


def _stops(folder: Path, end: int | None) -> frozenset[int]:
    """The end token's id, and what the generation config (of older folders: the config) names: one id, or a list."""
    path = next((folder / name for name in (GENERATION, "config.json") if (folder / name).is_file()), None)
    named = _json(path).get("eos_token_id") if path else None
    ids = named if isinstance(named, list) else [named]
    return frozenset(number for number in (*ids, end) if isinstance(number, int))


def _content(token: object) -> str | None:
    """The text of a special token: written plainly, or as an object with its flags."""
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else None


class _Dict:
    """`dict(...)` in a template, without the attributes of Python's type."""

    def __call__(self, *values: Any, **named: Any) -> dict[Any, Any]:
        return dict(*values, **named)


@lru_cache(maxsize=8)
def _environment() -> Any:
    """The Jinja sandbox that templates run in, with the functions they expect and no way into Python."""
    import jinja2
    from jinja2 import nodes
    from jinja2.ext import Extension, loopcontrols
    from jinja2.parser import Parser
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.utils import Namespace

    class Generation(Extension):
        """`{% generation %}` marks what the assistant says. Here it is a block like any other."""

        tags = {"generation"}  # noqa: RUF012  # what Jinja's own extensions do

        def parse(self, parser: Parser) -> nodes.Node:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            # A call block, as in transformers: what is set inside isn't seen outside.
            return nodes.CallBlock(self.call_method("_block"), [], [], body).set_lineno(line)

        def _block(self, caller: Callable[[], str]) -> str:
            return caller()

    class PlainNamespace(Namespace):
        """`namespace(...)` without names that reach into Python."""

        def __init__(self, *pairs: Any, **values: Any) -> None:
            given = dict(*pairs, **values)
            for name in given:
                _plain_name(name)
            super().__init__(given)

        def __setitem__(self, name: str, value: Any) -> None:
            _plain_name(name)
            super().__setitem__(name, value)

    def _plain_name(name: str) -> None:
        if name.startswith("_"):
            raise jinja2.exceptions.SecurityError(f"a namespace can't hold {name!r}")

    def raise_exception(message: str) -> None:
        raise jinja2.exceptions.TemplateError(message)

    def to_json(
        value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
    ) -> str:
        # Jinja's own escapes HTML.
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    made.globals["dict"] = _Dict()
    made.globals["namespace"] = PlainNamespace
    return made


@lru_cache(maxsize=8)
def _compiled(template: str, name: str) -> Template:
    import jinja2

    try:
        compiled: Template = _environment().from_string(template)
        # Jinja chains two mappings, and copies the chain for each rendering: plain ones are copied ten times faster.
        compiled.globals = dict(compiled.globals)
        return compiled
    except (jinja2.TemplateError, RecursionError) as error:
        raise BadInput(
            f"its chat template can't be read ({show_line(str(error))}).", where=name, fix=_CHOOSE
        ) from error
