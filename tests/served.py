"""A chat-completions server on this machine that behaves as a test wants it to."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]
"""How a request (its JSON) is answered."""


def reply(handler: BaseHTTPRequestHandler, data: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


def well(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
    """A completion that repeats the last question."""
    text = f"You asked: {asked['messages'][-1]['content']}"
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    told = {"model": f"{asked['model']}:served", "choices": [choice], "usage": {"completion_tokens": 7}}
    reply(handler, json.dumps(told).encode(), content_type="application/json")


def says(data: bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler, _: reply(handler, data, status, **headers)


def error(status: int, message: str = "no", **headers: str) -> Behaviour:
    return says(json.dumps({"error": {"message": message}}).encode(), status, **headers)


def cut_off(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
    """Less of a body than was announced."""
    handler.send_response(200)
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


class Served:
    """A running server: its address, the requests that came (headers and JSON), and what it does with the next ones.

    `script` are the behaviours of the first requests; those after it get the last one, or `well`.
    """

    def __init__(self) -> None:
        self.script: list[Behaviour] = []
        self.then: Behaviour = well
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = ""
        self.released = threading.Event()

    def behave(self, *script: Behaviour, then: Behaviour = well) -> None:
        self.script, self.then = list(script), then

    def silent(self, handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        """Nothing, until the test is over."""
        self.released.wait(60)
        handler.close_connection = True

    def dripping(self, handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        """A blank now and then, until the test is over or nobody listens."""
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while not self.released.wait(0.02):
                handler.wfile.write(b" ")
        handler.close_connection = True

    def prompts(self) -> list[str]:
        return [asked["messages"][-1]["content"] for asked in self.asked]


@contextmanager
def server(*script: Behaviour, then: Behaviour = well) -> Iterator[Served]:
    """A server that is there until the end."""
    served = Served()
    served.behave(*script, then=then)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            served.asked.append(asked)
            served.keys.append(self.headers.get("authorization"))
            behaviour = served.script.pop(0) if served.script else served.then
            behaviour(self, asked)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{listening.server_port}/v1"
    try:
        yield served
    finally:
        served.released.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def texts(asked: Sequence[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    """The turns of each request."""
    return [[(message["role"], message["content"]) for message in each["messages"]] for each in asked]
