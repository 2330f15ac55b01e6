"""Cohorts for tests: answers sent over HTTP, and large reports made of a small one."""

import csv
import io
import time
from typing import Any

import httpx

QUESTION = "How do bagging and boosting differ?"
RIGHT = (
    "Boosting trains its models one after another, each correcting the errors of those before it, while bagging trains "
    "them independently, each on its own bootstrap sample drawn with replacement."
)
WRONG = "Bagging brings the bias down and boosting brings the variance down. More trees make bagging overfit."
ROWS = [
    ["ann", "bagging-vs-boosting", RIGHT, "<b>North</b>"],
    ["ben", "bagging-vs-boosting", WRONG, "North"],
    ["cat", "bagging-vs-boosting", "I'd say <img src=x onerror=alert(1)> that both of them use many trees.", "South"],
    ["dan", "bagging-vs-boosting", RIGHT + " So I think.", "South"],
    ["ann", "ab-testing", "You split the users at random into two groups and compare a metric chosen before.", "North"],
    ["ben", "ab-testing", "Stop it as soon as the difference looks significant.", "North"],
]


def as_csv(rows: list[list[str]], head: tuple[str, ...] = ("student", "question", "answer", "school")) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode()


def graded(service: str, content: bytes, name: str = "class.csv") -> dict[str, Any]:
    """A batch that is over."""
    with httpx.Client(base_url=service, timeout=300) as client:
        batch = client.post("/v1/batches", files={"file": (name, content)}).raise_for_status().json()
        deadline = time.monotonic() + 300
        while batch["state"] in ("reading", "grading"):
            assert time.monotonic() < deadline, batch
            time.sleep(0.2)
            batch = client.get(f"/v1/batches/{batch['id']}").raise_for_status().json()
    done: dict[str, Any] = batch
    return done


def disputed(service: str, batch_id: str) -> tuple[str, str]:
    """An evaluation of the batch on which a review and a blind rating now differ in one key point, whose id it is."""
    with httpx.Client(base_url=service, timeout=60) as client:
        waits = client.get("/v1/reviews/queue", params={"batch": batch_id}).raise_for_status().json()
        evaluation: str = waits["items"][0]["evaluation_id"]
        address = f"/v1/evaluations/{evaluation}/reviews"
        first, *others = client.get(address).raise_for_status().json()["effective"]["key_points"]
        changed = {"id": first["id"], "verdict": "missed", "reason": "It is only hinted at."}
        review = {"reviewer": "gil", "key_points": [changed], "accept_rest": True}
        client.post(address, json=review).raise_for_status()
        words = [{"id": first["id"], "verdict": "covered"}, *({k: p[k] for k in ("id", "verdict")} for p in others)]
        client.post(address, json={"reviewer": "hal", "kind": "blind", "key_points": words}).raise_for_status()
    return evaluation, first["id"]


def disputed_as_a_whole(service: str, batch_id: str) -> str:
    """An evaluation of the batch whose key points nobody disputes, and whose mark as a whole people do: 2.5 and 1."""
    with httpx.Client(base_url=service, timeout=60) as client:
        waits = client.get("/v1/reviews/queue", params={"batch": batch_id}).raise_for_status().json()
        evaluation: str = waits["items"][0]["evaluation_id"]
        address = f"/v1/evaluations/{evaluation}/reviews"
        points = client.get(address).raise_for_status().json()["effective"]["key_points"]
        words = [{k: point[k] for k in ("id", "verdict")} for point in points]
        seen = {"reviewer": "gil", "accept_rest": True, "points": 2.5, "comment": "It is shorter than asked."}
        client.post(address, json=seen).raise_for_status()
        blind = {"reviewer": "hal", "kind": "blind", "key_points": words, "points": 1}
        client.post(address, json=blind).raise_for_status()
    return evaluation


def report(service: str, batch_id: str) -> dict[str, Any]:
    answer = httpx.get(f"{service}/v1/batches/{batch_id}/report", params={"format": "json"}, timeout=300)
    read: dict[str, Any] = answer.raise_for_status().json()
    return read


def enlarged(small: dict[str, Any], candidates: int, items: int) -> dict[str, Any]:
    """A report of so many candidates, each with an answer to each of so many items, made of a small one's verdicts."""
    answers, people = [], []
    for who in range(candidates):
        own = []
        for item in range(items):
            own.append(len(answers))
            source = small["answers"][(who + item) % 4]  # the first four are to the first item
            points = [{"id": point["id"], "verdict": point["verdict"]} for point in source["key_points"]]
            answers.append({**source, "candidate": who, "item": item, "answer": "", "key_points": points})
        covered = [answers[at]["coverage"] for at in own]
        people.append({"name": f"candidate {who + 1}", "answers": own, "coverage": sum(covered) / len(covered)})
    rubric = small["items"][0]
    lists = ("most_missed", "misconceptions", "beyond_the_rubric", "look_at_these_together", "sentences_read")
    return {
        **small,
        **{name: [one for one in small[name] if one["item"] == 0] for name in lists},
        "items": [{**rubric, "question": f"Question {n + 1}"} for n in range(items)],
        "candidates": people,
        "answers": answers,
    }
