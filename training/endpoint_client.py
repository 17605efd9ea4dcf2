"""One request after another to an OpenAI-compatible server (`POST …/chat/completions`), and what is wrong with it.

Of what a server sends nothing is believed but the shape that is asked for; nothing that is said holds the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import msgspec

from molting_tui.errors import MoltingError
from molting_tui.recipe.runfolder import Generation, Served
from molting_tui.text import mask_address, show_line

_MOST = 16 << 20
"""Bytes of one reply: a hundred times what the longest answer takes."""
_CONNECT = 10.0
"""Seconds until a server has to have taken the connection."""
_LONGEST_PAUSE = 60.0
_SEED = 2**31 - 1
"""Servers that keep seeds in 32 bits are given no larger ones."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Reply(NamedTuple):
    """What a server answered: the text, how it ended (empty: not told), its new tokens (0: not told), the seconds that
    the request took, and the model that the server says it was."""

    text: str
    finish_reason: str
    tokens: int
    seconds: float
    model: str


class EndpointError(MoltingError):
    """A request that brought no answer. `again`: another try may; `lasting`: it would be the same for any question;
    `pause`: seconds that the server asked to wait."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        fix: str = "",
        again: bool = False,
        lasting: bool = False,
        pause: float | None = None,
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.again = again
        self.lasting = lasting
        self.pause = pause


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    completion_tokens: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class _Completion(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    usage: _Usage | None = None
    model: str | None = None


_COMPLETION = msgspec.json.Decoder(_Completion)


def seed_for(seed: int) -> int:
    """The seed that a server is given for one of ours."""
    return seed & _SEED


def goes_in_the_clear(url: str) -> bool:
    """Whether what is sent to an address can be read on its way there."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


class EndpointClient:
    """A server, asked for one answer at a time."""

    def __init__(self, url: str, key: str, served: Served, say: Callable[[str], None], second: float = 1.0) -> None:
        """`second` is how long a second's pause between two tries lasts."""
        self.url = url
        self._key = key
        self._served = served
        self._say = say
        self._second = second
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(served.timeout, connect=min(_CONNECT, served.timeout)),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            follow_redirects=False,
            # Reading the certificates takes longer than an answer's request, and plain http has no use for them.
            verify=url.startswith("https:"),
            # What is on this machine isn't asked through a proxy.
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def ask(self, model: str, messages: Sequence[dict[str, str]], how: Generation, seed: int) -> Reply:
        """One answer, tried again where that may help. Raises EndpointError."""
        body = {
            "model": model,
            "messages": list(messages),
            "temperature": how.temperature,
            "top_p": how.top_p,
            "max_tokens": how.max_new_tokens,
            "seed": seed_for(seed),
            "stream": False,
        }
        for tried in range(1, self._served.tries + 1):
            try:
                return self._asked(body)
            except EndpointError as error:
                if not error.again or tried == self._served.tries:
                    raise
                pause = 2.0 ** (tried - 1) if error.pause is None else min(error.pause, _LONGEST_PAUSE)
                self._say(f"{error.what} Tried again in {pause:g} s ({tried} of {self._served.tries} tries).")
                time.sleep(pause * self._second)
        raise AssertionError("a run tries at least once")

    def _asked(self, body: dict[str, Any]) -> Reply:
        began = time.perf_counter()
        try:
            with self._client.stream("POST", f"{self.url}/chat/completions", json=body) as response:
                data = self._body(response, began)
        except httpx2.TimeoutException as error:
            raise self._too_slow() from error
        except httpx2.ConnectError as error:
            raise self._error(
                f"nothing answers there ({self._quoted(str(error), 120)}).",
                "Start the server, or check the address; then ask for what is missing.",
                again=True,
                lasting=True,
            ) from error
        except httpx2.HTTPError as error:
            raise self._error(
                f"the connection broke off ({self._quoted(str(error) or type(error).__name__, 120)}).",
                "Look at the server's own log; then ask for what is missing.",
                again=True,
            ) from error
        seconds = time.perf_counter() - began
        if response.status_code != 200:
            raise self._refused(response, data)
        return self._read(data, seconds)

    def _body(self, response: httpx2.Response, began: float) -> bytes:
        """The reply's bytes. Raises EndpointError for one that is too long, or comes too slowly to end in time."""
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > _MOST:
                raise self._error(f"its reply is longer than {_MOST >> 20} MiB.", "Is this the right address?")
            if time.perf_counter() - began > self._served.timeout:
                raise self._too_slow()
            parts.append(part)
        return b"".join(parts)

    def _read(self, data: bytes, seconds: float) -> Reply:
        try:
            completion = _COMPLETION.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            begins = self._quoted(data[:400].decode("utf-8", "replace"), 80)
            raise self._error(
                f"its reply isn't a chat completion ({show_line(str(error), 100)}); it begins: {begins}",
                "The address should be that of an OpenAI-compatible server, such as http://localhost:11434/v1.",
            ) from error
        choice = completion.choices[0]
        tokens = (completion.usage.completion_tokens if completion.usage else None) or 0
        return Reply(choice.message.content, choice.finish_reason or "", tokens, seconds, completion.model or "")

    def _refused(self, response: httpx2.Response, data: bytes) -> EndpointError:
        """The error for an answer that isn't one, by its status."""
        status = response.status_code
        told = f"HTTP {status}: {self._message(data)}"
        if status in (401, 403):
            key = f"the key in {self._served.key_env}" if self._key else "a request without a key"
            fix = "Check the key." if self._key else "Name the variable that holds its key: --key-env VAR."
            return self._error(f"it refuses {key} ({told}).", fix, lasting=True)
        if status == 404:
            return self._error(
                f"it has no such address or no such model ({told}).",
                "Check both: the address often ends in /v1, and the server lists its models.",
                lasting=True,
            )
        if status == 429:
            pause = response.headers.get("retry-after", "")
            return self._error(
                f"it is asked too often ({told}).",
                "Wait a while, then ask for what is missing.",
                again=True,
                lasting=True,
                pause=float(pause) if pause.isdecimal() else None,
            )
        if status >= 500:
            return self._error(f"it failed ({told}).", "Look at the server's own log.", again=True)
        if 300 <= status < 400:
            return self._error(f"it sends us elsewhere ({told}).", "Name the address it sends to.", lasting=True)
        return self._error(f"it doesn't take the question ({told}).", "Shorten it, or ask otherwise.")

    def _message(self, data: bytes) -> str:
        """What a server says of its refusal: the `error` of its JSON, else the beginning of what it sent."""
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = None
        error = value.get("error") if isinstance(value, dict) else None
        message = error.get("message") if isinstance(error, dict) else error
        text = message if isinstance(message, str) else data[:400].decode("utf-8", "replace")
        return self._quoted(text, 160) or "nothing else"

    def _quoted(self, text: str, width: int) -> str:
        """A server's words, without the key and without passwords."""
        return show_line(mask_address(text.replace(self._key, "…") if self._key else text), width).rstrip(". ")

    def _too_slow(self) -> EndpointError:
        return self._error(
            f"no whole answer came within {self._served.timeout:g} s.",
            "Give it longer (--timeout SECONDS), or lower --max-new-tokens.",
            lasting=True,
        )

    def _error(
        self, what: str, fix: str, *, again: bool = False, lasting: bool = False, pause: float | None = None
    ) -> EndpointError:
        return EndpointError(what, where=self.url, fix=fix, again=again, lasting=lasting, pause=pause)
