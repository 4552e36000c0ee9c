"""One run of an experiment: its folder, its process, and what it leaves.

Workers of a cluster import this file, so it needs nothing but Python's own library.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import Optional

# Seconds to wait for a process that an earlier worker has left behind.
PATIENCE = 30

# Where a run keeps its state; one that broke off goes on from there.
CHECKPOINT = "checkpoint.pt"

# Runs a script, and ends it with all that it has started once the program that started this one is gone.
WATCH = """
import os, runpy, signal, sys, threading, time
parent, module, script = int(sys.argv[1]), sys.argv[2], sys.argv[3]
def watch():
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL) if hasattr(os, "killpg") else os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.path[0] = os.getcwd()
sys.argv = sys.argv[3:]
runpy.run_module(module, run_name="__main__", alter_sys=True) if module else runpy.run_path(script, run_name="__main__")
"""


class Failed(Exception):
    """A run without a result; its text is a sentence."""


def jobs_of(root: str, about: dict) -> list:
    """What there is to train: the cells, and before them the baselines (no teacher), which cells of one seed share."""
    baselines: dict[str, dict] = {}
    jobs = []
    for cell in about["cells"]:
        job = {"id": cell["id"], "name": f"{cell['name']}, seed {cell['seed']}", "cell": cell["id"], "baseline": None}
        description = read_json(root, "cells", cell["id"], "recipe.json")
        if has_baseline(description["recipe"]):
            key = baseline_key(root, cell["id"], description)
            seed = cell["seed"]
            name = f"Baseline {len(baselines) + 1}, seed {seed}"
            baselines.setdefault(key, {"id": f"baseline-{key}", "name": name, "cell": cell["id"], "baseline": key})
            job["compared"] = f"baseline-{key}"
        jobs.append(job)
    return [*baselines.values(), *jobs]


def has_baseline(recipe: dict) -> bool:
    """Whether the page trains one beside the student: where the teacher says anything, by a loss or by labels of its own."""
    material = recipe["material"]
    if material["unlabelled"] > 0 and material["realShare"] == 0:
        return False
    makes_labels = material["unlabelled"] > 0 and material["unlabelledFrom"] == "generated" and material["relabel"]
    return recipe["objective"]["control"] and bool(recipe["hints"] or makes_labels)


def baseline_of(description: dict) -> dict:
    """The same run without a teacher and without losses of its own: the labels alone, with weight 1."""
    plain = copy.deepcopy(description)
    recipe = plain["recipe"]
    recipe["hints"] = []
    recipe["teacher"] = {"kind": "none", "knobs": {}}
    recipe["objective"]["ceWeight"] = 1
    plain.update(hintKeys=[], teachers=[], teacherModule=None, hasPrelude=False, strongView=False, balanced=False, copies=1)
    plain["isBaseline"] = True
    for name in ("route", "teacherMean", "teacherDeviation", "answers"):
        plain.pop(name, None)
    return plain


def baseline_key(root: str, cell: str, description: dict) -> str:
    """Digest of all that decides a baseline."""
    plain = baseline_of(description)
    recipe = {key: plain["recipe"][key] for key in ("seed", "material", "student", "schedule")}
    files = files_of(root, cell)
    own = [files.get(path) for path in ("weights/student-start.safetensors", "data/train.csv", "data/train.safetensors")]
    parts = [recipe, [digest_of(os.path.join(root, place)) for place in own if place]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]


def digest_of(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files_of(root: str, cell: str) -> dict:
    """{path in the folder of a run: path here} of a cell."""
    own = os.path.join(root, "cells", cell)
    files = {
        os.path.relpath(os.path.join(place, name), own).replace(os.sep, "/"): os.path.join(place, name)
        for place, _, names in os.walk(own)
        for name in names
    }
    shared = read_json(root, "cells", cell, "files.json")
    files.pop("files.json")
    return {**{path: os.path.relpath(place, root) for path, place in files.items()}, **shared}


def folder_of(root: str, job: dict) -> str:
    return os.path.join(root, "runs", job["id"])


def lay_out(root: str, job: dict) -> str:
    """Makes the folder of a run, with train.py and all that it reads. Returns its path."""
    folder = folder_of(root, job)
    for path, place in files_of(root, job["cell"]).items():
        put(os.path.join(root, place), os.path.join(folder, path))
    if job["baseline"]:
        recipe = os.path.join(folder, "recipe.json")
        description = baseline_of(read_json(root, "cells", job["cell"], "recipe.json"))
        # A link: the cell's own file must stay as it is.
        os.remove(recipe)
        write_json(recipe, description)
    return folder


def put(source: str, target: str) -> None:
    """One file or folder in two places: a link where there can be one, else a copy."""
    if os.path.lexists(target):
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        if os.path.isdir(source):
            os.symlink(os.path.relpath(source, os.path.dirname(target)), target, target_is_directory=True)
        else:
            os.link(source, target)
    except OSError:
        shutil.copytree(source, target) if os.path.isdir(source) else shutil.copy2(source, target)


def has_ended(root: str, job: dict) -> bool:
    return os.path.exists(os.path.join(folder_of(root, job), "done.json"))


def carry_out(root: str, job: dict, options: dict) -> str:
    """Trains one run in a process of its own. `options`: those of train.py, and how many processes it has."""
    if has_ended(root, job):
        return job["id"]
    folder = lay_out(root, job)
    holder = os.path.join(folder, "process.json")
    await_former(holder)
    train = ["train.py", *options["train"]]
    if os.path.exists(os.path.join(folder, "checkpoints.py")) and "--checkpoint" not in train:
        train += ["--checkpoint", CHECKPOINT, "--resume"]
    several = options["processes"] > 1
    module = "torch.distributed.run" if several else ""
    if several:
        # With Python 3.11, torchrun of PyTorch 1.13 starts nothing unless some output goes to files.
        output = ["--redirects", "1", "--tee", "1"]
        train = ["torchrun", "--nproc_per_node", str(options["processes"]), *output, *train]
    began = time.time()
    with open(os.path.join(folder, "log.txt"), "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", WATCH, str(os.getpid()), module, *train],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        write_json(holder, {"host": socket.gethostname(), "pid": process.pid})
        code = process.wait()
    os.remove(holder)
    if code != 0:
        raise Failed(f"{last_line(folder)} (exit {code}; all of it is in {os.path.join('runs', job['id'], 'log.txt')})")
    write_json(os.path.join(folder, "done.json"), {"seconds": time.time() - began})
    if os.path.exists(os.path.join(folder, CHECKPOINT)):
        os.remove(os.path.join(folder, CHECKPOINT))
    return job["id"]


def await_former(holder: str) -> None:
    """Waits for the end of the process of an earlier worker, which ends itself once that worker is gone."""
    if not os.path.exists(holder):
        return
    with open(holder, encoding="utf-8") as file:
        former = json.load(file)
    if former["host"] != socket.gethostname():
        return
    for _ in range(2 * PATIENCE):
        if not is_alive(former["pid"]):
            return
        time.sleep(0.5)
    raise Failed(f"Another process ({former['pid']}) trains this run. Wait for its end.")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            # Dead, but not yet taken leave of by the process that has inherited it.
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        # A system without /proc.
        return True
    except OSError:
        return False


def last_line(folder: str) -> str:
    with open(os.path.join(folder, "log.txt"), encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else "It said nothing"


def note_failure(root: str, job: dict, why: Optional[str]) -> None:
    """Keeps why a run failed beside it, until it has ended."""
    path = os.path.join(folder_of(root, job), "failure.txt")
    if why is None:
        if os.path.exists(path):
            os.remove(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(why)


def read_json(*parts: str) -> dict:
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return json.load(file)


def write_json(path: str, content: dict) -> None:
    """Whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(path + ".part", path)
