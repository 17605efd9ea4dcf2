"""What would tell a contender in its answer's words: names of versions and models, tokens of templates.

Each becomes `⟦token⟧`: that something stood there is a defect and stays in sight, whose mark it was isn't told. The
persona's own name is never masked: identity is what is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN = "⟦token⟧"
_ANGLED = (
    r"<[|｜][^<>|｜\n]{1,60}[|｜]>", "<<SYS>>", "<</SYS>>",
    "</?s>", "<(?:bos|eos|pad|unk|start_of_turn|end_of_turn|start_of_image|end_of_utterance)>",
)  # fmt: skip
_HEADINGS = ("Instruction", "Response", "Input", "Human", "Assistant", "System", "User", "Instrução", "Resposta")
_TOKENS = (
    ("<", "|".join(_ANGLED)),
    ("[", r"\[(?:/?INST|BOS|EOS|PAD|UNK|SEP|CLS)\]"),
    ("#", rf"^[ \t]*#{{2,3}} ?(?:{'|'.join(_HEADINGS)}):"),
)
"""What the tokens of templates look like, behind a sign without which none of them stands anywhere."""
_VERSION = re.compile(r"(?<![A-Za-z0-9.])v?(\d+)\.\d+")
_SHORTEST = 4
"""Letters of a family's name that is masked where it stands alone: shorter ones are words of their own (`phi`)."""
_PLAIN = re.compile(r"[a-zà-ÿ]+")


class Mask:
    """Masks texts. `names` are those of contenders and runs, `bases` those of base models, `kept` what is never masked
    (the persona's names)."""

    def __init__(self, names: Iterable[str], bases: Iterable[str] = (), kept: Iterable[str] = ()) -> None:
        spared = {name.casefold() for name in kept if name}
        labels: set[str] = set()
        series: set[str] = set()
        for name in names:
            # A plain word, such as `base`, is a word of the language too, and tells nobody.
            if not _PLAIN.fullmatch(name):
                labels.add(name)
            series |= set(_VERSION.findall(name))
        for base in bases:
            labels |= _base_labels(base)
        wanted = sorted((label for label in labels if label and label.casefold() not in spared), key=len, reverse=True)
        patterns = [*_TOKENS, *((_needle(label), _apart(_loosely(label))) for label in wanted)]
        patterns += [
            (f"{major}.", _apart(rf"v(?:\.? ?|ers[aã]o |ersion ){major}(?:\.\d+)+")) for major in sorted(series)
        ]
        # One pattern of all would look at each letter for every name: a page took 20 ms.
        self._patterns = [(sign, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for sign, pattern in patterns]

    def __call__(self, text: str) -> str:
        """The text with each of them masked; what is masked already stays."""
        lowered = text.lower()
        for sign, pattern in self._patterns:
            if sign in lowered:
                text = pattern.sub(TOKEN, text)
        return text


def _apart(pattern: str) -> str:
    """A pattern where it is no part of a longer word, nor masked already."""
    return rf"(?<![\w⟦]){pattern}(?![\w⟧])"


def _needle(label: str) -> str:
    """The longest part of a label without a sign in it, which stands wherever the label does."""
    parts: list[str] = re.findall(r"[^\W\d_]+|\d+", label) or [label]
    return max(parts, key=len).lower()


def _base_labels(base: str) -> set[str]:
    """What a base model is called: `Qwen/Qwen2.5-0.5B-Instruct` is that, `Qwen2.5-0.5B-Instruct`, `Qwen2.5`, `Qwen`."""
    if _PLAIN.fullmatch(base):
        return set()
    last = base.rstrip("/").rsplit("/", 1)[-1]
    version = re.split(r"[-_ ]", last)[0]
    labels = {base, last, version}
    family = re.match(r"[^\W\d_]+", last)
    if family and re.fullmatch(r"[^\W\d_]+", version):
        number = re.match(rf"{re.escape(version)}[-_ ]?v?\d[\d.]*(?![A-Za-z0-9])", last)
        if number:
            labels.add(number[0])
    if family and len(family[0]) >= _SHORTEST:
        labels.add(family[0])
    elif version.isalpha():
        labels.discard(version)
    return labels


def _loosely(label: str) -> str:
    """A pattern of a label, however its parts are joined: `Phi-3`, `phi 3`, `phi3`."""
    parts = re.findall(r"[^\W\d_]+|\d+|[^\w]|_", label)
    return "".join("[-_ .]?" if part in "-_ " else re.escape(part) for part in parts)
