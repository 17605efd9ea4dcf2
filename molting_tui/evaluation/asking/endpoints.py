"""Models behind an OpenAI-compatible endpoint (Ollama, vLLM, llama.cpp …) as contenders."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.references import NAMED, ToAsk
from molting_tui.recipe.runfolder import AskedContender, Served
from molting_tui.runs.folder import safe_name
from molting_tui.text import mask_address, show_line

TIMEOUT = Served().timeout
"""Seconds that an answer may take unless it is said otherwise."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_EXAMPLE = "Name a server's address, such as http://localhost:11434/v1."


class EndpointToAsk(NamedTuple):
    """An endpoint as it was named: its address, the models to ask there (`[NAME=]MODEL`), the environment variable with
    its key (empty: none), and the seconds that an answer may take."""

    url: str
    models: tuple[str, ...]
    key_env: str = ""
    timeout: float = TIMEOUT

    def served(self) -> Served:
        """What the run is told of it. Raises BadInput for a key that isn't there."""
        if self.key_env:
            check_key(self.key_env)
        return Served(self.key_env, self.timeout)


def endpoint_contenders(endpoint: EndpointToAsk, system_prompt: str) -> list[ToAsk]:
    """Its models as contenders, with this system prompt. Raises BadInput for an address that can't be one, and where no
    model is named."""
    url = endpoint_url(endpoint.url)
    if not endpoint.models:
        raise BadInput("which model is to be asked there?", where="--endpoint", fix="Name it: --model NAME.")
    return [ToAsk(_contender(url, model, system_prompt)) for model in endpoint.models]


def _contender(url: str, model: str, system_prompt: str) -> AskedContender:
    named = NAMED.fullmatch(model)
    name, model = (named[1], named[2].strip()) if named else (model, model.strip())
    if not model.strip():
        raise BadInput("a model without a name.", where="--model", fix="Name the model as the server calls it.")
    return AskedContender(safe_name(name), system_prompt=system_prompt, template_from="endpoint", url=url, model=model)


def endpoint_url(address: str) -> str:
    """The address that `/chat/completions` is added to. Raises BadInput for one that isn't http or https, and for one
    that holds a password or a key: it is stored with every answer."""
    shown = show_line(mask_address(address), 120)
    try:
        parts = urlsplit(address.strip())
        named, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"isn't an address ({show_line(str(error), 80)}).", where=shown, fix=_EXAMPLE) from error
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise BadInput(
            "an address with a password or a query in it would be stored with every answer.",
            where=show_line(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")), 120),
            fix="Name the address alone, and the environment variable that holds the key: --key-env VAR.",
        )
    if parts.scheme not in ("http", "https") or not named:
        raise BadInput("isn't an address of a server (http or https).", where=shown, fix=_EXAMPLE)
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", "", ""))


def check_key(variable: str) -> None:
    """Raise BadInput unless the environment variable holds something that can be a key. What it holds is never said."""
    if not _VARIABLE.fullmatch(variable):
        raise BadInput(
            "that isn't the name of an environment variable.",
            where="--key-env",
            fix="Put the key into one, such as OPENAI_API_KEY, and name that.",
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        raise BadInput(
            f"there is no key in the environment variable {show_line(variable, 60)}.",
            where="--key-env",
            fix="Set it for this shell, or leave --key-env away if the server wants none.",
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise BadInput(
            f"what {show_line(variable, 60)} holds can't be a key: it has blanks or other signs in it.",
            where="--key-env",
            fix="Set it to the key alone.",
        )


def refuse_what_a_server_decides(contenders: Sequence[str], templates: Sequence[str], quantisation: str | None) -> None:
    """Raise BadInput for what can't be said of an endpoint's models."""
    if contenders:
        raise BadInput(
            "an endpoint is asked by a run of its own.",
            where="--endpoint",
            fix="Ask the contenders here without it; results take both together.",
        )
    if templates or quantisation:
        raise BadInput(
            "an endpoint's server has its own template and weights.",
            where="--endpoint",
            fix="Leave --template and --quantisation away.",
        )
