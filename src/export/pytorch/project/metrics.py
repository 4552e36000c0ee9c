"""The numbers of a run in the form of the page's `metrics.json`, which opens there beside the weights."""

from __future__ import annotations

import json
import math
import platform
import time
from typing import TYPE_CHECKING

import torch

from scores import further, per_class

if TYPE_CHECKING:
    from run import Run

# Instances of a measurement on the way; that of the end takes all.
MOST_MEASURED = 2000
# Steps whose losses are kept; of a longer run every second, third, ... one.
MOST_STEPS = 20000


class Metrics:
    """Collects losses of the steps and scores of the student. `steps`: length of the run."""

    def __init__(self, run: Run, steps: int, world: int = 1) -> None:
        self.run, self.world = run, world
        self.every = max(1, math.ceil(steps / MOST_STEPS))
        self.steps: dict = nothing()
        self.measured: list[dict] = []
        self.last: dict[str, float] = {}
        # Steps that were taken, and the seconds that these have taken before `began`.
        self.taken, self.seconds = 0, 0.0
        self.began = time.perf_counter()
        rows = run.train.rows("validation")
        self.split = "validation" if rows else "test"
        self.measures = run.train if rows else run.test
        rows = rows or list(range(len(run.test.inputs)))
        self.rows = rows[:: max(1, math.ceil(len(rows) / MOST_MEASURED))]
        self.targets = self.measures.targets[self.rows]

    def state_dict(self) -> dict:
        spent = {"taken": self.taken, "seconds": self.seconds_now()}
        return {"steps": self.steps, "measured": self.measured, "last": self.last, **spent}

    def load_state_dict(self, state: dict) -> None:
        self.steps, self.measured, self.last = state["steps"], state["measured"], state["last"]
        self.taken, self.seconds = state["taken"], state["seconds"]

    def begin(self) -> None:
        """The time of the steps counts from now."""
        self.began = time.perf_counter()

    def seconds_now(self) -> float:
        """How long the steps have taken, in this process and in those that it goes on from."""
        return self.seconds + time.perf_counter() - self.began

    def step(self, number: int, told: dict) -> None:
        """The losses of a step; `number` counts from 1."""
        self.last = told
        self.taken += 1
        if number % self.every:
            return
        self.steps["steps"].append(number)
        for name, value in told.items():
            self.steps["columns"].setdefault(name, []).append(value)

    def measure(self, step: int) -> float:
        """Measures the student after so many steps. Returns its score."""
        output = self.run.student_logits(self.measures, self.rows)
        score = self.run.task.score(output, self.targets)
        found = further(self.run.description, output, self.targets)
        self.measured.append({"step": step, "score": score, "further": found, "losses": dict(self.last)})
        return score

    def write(self, path: str) -> dict:
        """After the last step: measures on the whole test split, and writes the file. Returns its content."""
        seconds = self.seconds_now()
        run, description = self.run, self.run.description
        outputs = {"student": run.student_logits(run.test)}
        if run.is_scored():
            outputs["teacher"] = run.teacher_logits(run.test)
        targets = run.test.targets
        beside: dict[str, dict] = {}
        for who, output in outputs.items():
            teacher = None if who == "teacher" else outputs.get("teacher")
            for name, value in further(description, output, targets, teacher).items():
                beside.setdefault(name, {})[who] = value
        final = {who: run.task.score(output, targets) for who, output in outputs.items()}
        of_classes = description["task"]["id"] == "classification"
        content = {
            "name": run.recipe["title"],
            "number": 1,
            "trainedIn": self.where(),
            "recipe": run.recipe,
            "backend": None,
            "device": self.device(),
            "backends": [],
            "facts": None,
            "evaluations": [self.evaluation(one) for one in self.measured],
            "curves": {"teacher": nothing(), "prelude": nothing(), "student": self.curves()},
            "steps": {"teacher": nothing(), "prelude": nothing(), "student": self.steps},
            "knobs": [],
            "warnings": [],
            "stepsPerSecond": self.taken / seconds if self.taken else None,
            "stopped": False,
            "final": final,
            "scores": None if of_classes else {self.score_id(): final},
            "perClass": {who: per_class(output, targets) for who, output in outputs.items()} if of_classes else None,
            "further": beside or None,
            "trainingSeconds": {"teacher": 0, "student": seconds},
            "seconds": seconds,
            "failure": None,
        }
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file, allow_nan=False)
        return content

    def score_id(self) -> str:
        return {"classification": "accuracy", "regression": "mae", "multilabel": "map"}[self.run.description["task"]["id"]]

    def evaluation(self, one: dict) -> dict:
        score = {"student": one["score"]}
        own = {"accuracy": score, "trainAccuracy": {}} if self.score_id() == "accuracy" else {
            "scores": {self.score_id(): score},
            "trainScores": {},
        }
        return {
            "phase": "student",
            "step": one["step"],
            "split": self.split,
            **own,
            "loss": {},
            "further": {name: {"student": value} for name, value in one["further"].items()},
            "losses": one["losses"],
        }

    def curves(self) -> dict:
        names = sorted({name for one in self.measured for name in one["further"]})
        columns = {f"student/{name}": [one["further"].get(name) for one in self.measured] for name in names}
        columns["student"] = [one["score"] for one in self.measured]
        return {"steps": [one["step"] for one in self.measured], "columns": columns}

    def device(self) -> str:
        kind = self.run.device
        return torch.cuda.get_device_name(kind) if kind.type == "cuda" else platform.machine() or str(kind)

    def where(self) -> str:
        processes = f", {self.world} processes" if self.world > 1 else ""
        return f"PyTorch {torch.__version__} on {self.run.device.type} ({self.device()}{processes})"


def nothing() -> dict:
    return {"steps": [], "columns": {}}
