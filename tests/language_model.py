"""Servers that speak the OpenAI chat completions protocol: a scripted one, and one around a real causal model."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, bytes]


@contextmanager
def serving(answer: Callable[[dict[str, Any], dict[str, str]], Reply]) -> Iterator[str]:
    """`answer` gets a request's body and headers; gives the address for GRADER_SECOND_OPINION_URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, reply = answer(body, {name.lower(): value for name, value in self.headers.items()})
            if self.path != "/v1/chat/completions":
                status, reply = 404, b"{}"
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def completion(content: str | None, **message: Any) -> bytes:
    """A chat completion with this content."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content, **message}}
    return json.dumps({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}).encode()


class CausalModel:
    """A real transformers model of random weights over bytes. It says whichever of the replies that the schema allows
    it finds likeliest after the prompt, as constrained decoding does.
    """

    def __init__(self, seed: int = 0) -> None:
        import torch
        from transformers import GPT2Config, GPT2LMHeadModel

        torch.manual_seed(seed)
        size = GPT2Config(vocab_size=256, n_positions=1024, n_embd=32, n_layer=2, n_head=2)
        self.asked: list[dict[str, Any]] = []
        self._model = GPT2LMHeadModel(size).eval()

    def answer(self, body: dict[str, Any], _: dict[str, str]) -> Reply:
        self.asked.append(body)
        assert body["temperature"] == 0
        allowed = body["response_format"]["json_schema"]["schema"]["properties"]["verdict"]["enum"]
        prompt = "".join(f"<{one['role']}>{one['content']}" for one in body["messages"])[-900:] + "<assistant>"
        replies = [json.dumps({"verdict": word}) for word in allowed]
        return 200, completion(max(replies, key=lambda reply: self._likelihood(prompt, reply)))

    def _likelihood(self, prompt: str, reply: str) -> float:
        import torch

        before, after = prompt.encode()[-960:], reply.encode()
        ids = torch.tensor([list(before + after)])
        with torch.inference_mode():
            logs = self._model(ids).logits.log_softmax(-1)[0]
        places = range(len(before) - 1, len(before) + len(after) - 1)
        return float(sum(logs[at, ids[0, at + 1]] for at in places) / len(after))
