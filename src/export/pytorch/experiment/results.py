"""The results of an experiment: results.json, which the page opens beside its own, and results.csv, a row for each run."""

from __future__ import annotations

import csv
import os
import statistics
from typing import Optional

import cells

FORMAT = "retort-results"
HEAD = ["name", "method", "seed", "student", "control", "teacher", "seconds", "ms_per_step", "extra_labels", "failure"]


def read_about(root: str) -> dict:
    """What the experiment is: its file for the page, its cells, and the page's own results."""
    return cells.read_json(root, "experiment.json")


def metrics_of(root: str, job: dict) -> Optional[dict]:
    """None of a run that has not ended."""
    return cells.read_json(cells.folder_of(root, job), "metrics.json") if cells.has_ended(root, job) else None


def why_missing(root: str, job: dict) -> Optional[str]:
    path = os.path.join(cells.folder_of(root, job), "failure.txt")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


def result_of(
    cell: dict, own: Optional[dict], baseline: Optional[dict], failure: Optional[str]
) -> Optional[dict]:
    """One row, with the names that the page gives its parts. None of a run that is not over."""
    place = {"entry": cell["entry"], "seed": cell["seed"]}
    if own is None:
        nothing = {"student": None, "control": None, "teacher": None, "seconds": 0, "stepMs": None}
        return {**place, **nothing, "failure": failure} if failure else None
    scores = {name: dict(of) for name, of in {**(own["scores"] or {}), **(own["further"] or {})}.items()}
    for name, of in ({**(baseline["scores"] or {}), **(baseline["further"] or {})} if baseline else {}).items():
        if name in scores:
            scores[name]["control"] = of["student"]
    per_second = own["stepsPerSecond"]
    return {
        **place,
        **cell.get("task", {}),
        "student": own["final"]["student"],
        "control": baseline["final"]["student"] if baseline else None,
        "teacher": own["final"].get("teacher"),
        "seconds": own["seconds"],
        "stepMs": 1000 / per_second if per_second else None,
        "scores": scores,
        "times": own["trainingSeconds"],
        "failure": None,
    }


def write(root: str, about: dict, jobs: list) -> list[tuple]:
    """Writes both files and prints the table. Returns the failures, (name, why)."""
    by_id = {job["id"]: job for job in jobs}
    found, failures, where = [], [(one["name"], one["why"]) for one in about["left"]], None
    for cell in about["cells"]:
        job = by_id[cell["id"]]
        compared = by_id.get(job.get("compared"))
        own, why = metrics_of(root, job), why_missing(root, job)
        baseline = metrics_of(root, compared) if compared else None
        where = where or (own and own["trainedIn"])
        result = result_of(cell, own, baseline, why)
        if result:
            found.append(result)
        if own is None and why:
            failures.append((job["name"], why))
        if compared and why_missing(root, compared):
            failures.append((compared["name"], why_missing(root, compared)))
    failures = list(dict.fromkeys(failures))
    content = {
        "format": FORMAT,
        "version": 1,
        "trainedIn": where or "PyTorch",
        "experiment": about["experiment"],
        "page": about["results"],
        "results": found,
    }
    cells.write_json(os.path.join(root, "results.json"), content)
    names = {(cell["entry"], cell["seed"]): cell for cell in about["cells"]}
    with open(os.path.join(root, "results.csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for one in found:
            cell = names[one["entry"], one["seed"]]
            numbers = [one["student"], one["control"], one["teacher"], round(one["seconds"], 2), one["stepMs"]]
            writer.writerow([cell["name"], cell["method"] or "", one["seed"], *numbers, cell["extraLabels"], one["failure"] or ""])
    print_table(about, found)
    for name, why in failures:
        print(f"{name}: {why}")
    print(f"{len(found)} of {len(about['cells'])} runs are over. The page opens results.json under “Experiment”.")
    return failures


def print_table(about: dict, found: list) -> None:
    names = dict.fromkeys((cell["entry"], cell["name"]) for cell in about["cells"])
    print(f"{'':<40}{'student':>18}{'gain over baseline':>24}{'runs':>6}")
    for entry, name in names:
        of = [one for one in found if one["entry"] == entry and one["failure"] is None]
        gains = [one["student"] - one["control"] for one in of if one["control"] is not None]
        print(f"{name[:39]:<40}{spread([one['student'] for one in of]):>18}{spread(gains, '+'):>24}{len(of):>6}")


def spread(values: list, sign: str = "") -> str:
    """Mean and standard deviation."""
    if not values:
        return "-"
    mean = f"{statistics.mean(values):{sign}.4g}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.2g}"
