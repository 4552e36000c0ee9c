"""Goes on with a recipe of the page in PyTorch.

    python train.py                          one GPU (or the processor)
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  compares the first batch's losses and the test scores with the page's

The student starts from the page's first weights; `--from trained` starts a training of its own from its last ones.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
from typing import Optional

import torch
import torch.distributed as dist
from torch import nn

import checkpoints
import weights
from check import check
from learner import read_description
from logs import Logs
from metrics import Metrics
from options import read_options
from processes import Processes
from run import Run
from speed import compile_networks, use_precision
from training import Training


def find_device(wanted: str, local: int) -> torch.device:
    cuda = torch.cuda.is_available()
    mps = hasattr(torch.backends, "mps") and torch.backends.mps.is_available()
    try:
        device = torch.device(wanted or ("cuda" if cuda else "mps" if mps else "cpu"))
    except RuntimeError:
        raise SystemExit(f"--device {wanted}: PyTorch knows no such device. Take cpu, cuda or mps.") from None
    if not {"cuda": cuda, "mps": mps}.get(device.type, True):
        raise SystemExit(f"--device {wanted}: PyTorch finds no such device here.")
    if device.type == "cuda":
        device = torch.device("cuda", local) if device.index is None else device
        torch.cuda.set_device(device)
    return device


def changed(description: dict, options: argparse.Namespace) -> Optional[int]:
    """Sets in the description what the options ask for. Returns how many epochs that is, None for a number of steps."""
    recipe = description["recipe"]
    if getattr(options, "data", None):
        kind, root = options.data.split(":", 1)
        description.update(data=description["readers"][kind], root=root, target=getattr(options, "target", None))
    preset = getattr(options, "preset", None)
    epochs = importlib.import_module("presets").apply(recipe, preset) if preset else None
    schedule, material = recipe["schedule"], recipe["material"]
    for name, value in (("batch", options.batch), ("learningRate", options.learning_rate), ("steps", options.steps)):
        if value is not None:
            schedule[name] = value
    if getattr(options, "shift", None) is not None:
        material["shift"] = options.shift
    if getattr(options, "flip", False):
        material["flip"] = True
    return options.epochs or (None if options.steps else epochs)


def prepared(
    description: dict, options: argparse.Namespace, epochs: Optional[int], device: torch.device, processes: Processes
) -> tuple:
    """The training, ready for its first step or for the one after its checkpoint, and what measures it."""
    schedule = description["recipe"]["schedule"]
    start = "trained" if options.resume_from == "page" else options.start
    run = Run(description, device, schedule["batch"], start)
    if run.batches.size < processes.world:
        raise SystemExit(f"A batch of {run.batches.size} is too small for {processes.world} processes.")
    if epochs:
        schedule["steps"] = epochs * run.batches.epoch
        schedule["evaluateEvery"] = run.batches.epoch
    if options.evaluate_every:
        schedule["evaluateEvery"] = options.evaluate_every
    networks = [run.learner, *(run.teacher.networks if run.teacher else [])]
    use_precision(options.precision, networks, device)
    training = Training(run, processes, getattr(options, "hypergradient", "exact"), options.precision == "f16")
    reasons = {
        "alone": processes.world > 1 and training.why_alone(),
        "f16": options.precision == "f16" and training.why_not_f16(),
        "compile": options.compile and training.hypergradient == "exact" and training.looks_ahead(),
    }
    if reasons["alone"]:
        raise SystemExit(f"{reasons['alone']} Start it without torchrun.")
    if reasons["f16"]:
        raise SystemExit(f"{reasons['f16']} Take --precision bf16.")
    if reasons["compile"]:
        raise SystemExit("Compiled networks have no gradient of a gradient: add --hypergradient differences.")
    metrics = Metrics(run, training.steps, processes.world) if processes.rank == 0 else None
    if options.resume_from == "checkpoint":
        checkpoints.load(options.checkpoint, training, metrics)
    elif options.resume_from == "page":
        importlib.import_module("stopped").load(training)
    elif description["hasPrelude"] and options.start == "start":
        importlib.import_module("preludes").prepare(run, training.steps, training.highest, processes.rank == 0)
    if options.sync_bn:
        if processes.world == 1 or device.type != "cuda":
            raise SystemExit("--sync-bn is for several GPUs: start it with torchrun on a machine that has them.")
        nn.SyncBatchNorm.convert_sync_batchnorm(run.learner)
    if options.compile:
        compile_networks(networks)
    if processes.world > 1:
        # After an initialisation stage its own layers may get no gradient. Statistics of batch norm stay each process's own.
        training.model = nn.parallel.DistributedDataParallel(
            run.learner, broadcast_buffers=False, find_unused_parameters=description["hasPrelude"]
        )
    return training, metrics


class Report:
    """What the first of all processes tells of a training: on the screen, in files, in a checkpoint."""

    def __init__(self, training: Training, metrics: Metrics, options: argparse.Namespace) -> None:
        self.training, self.metrics, self.checkpoint = training, metrics, options.checkpoint
        self.logs = Logs(options.csv, options.tensorboard, training.done)

    def measure(self, when: str) -> None:
        """Measures the student, and tells of it."""
        task, metrics, done = self.training.run.task, self.metrics, self.training.done
        score = metrics.measure(done)
        self.logs.score(done, task.name, score)
        print(f"{when}  {metrics.split} {task.name} {task.text(score)}", flush=True)

    def step(self, told: dict, is_last: bool) -> None:
        """Of a step that was taken. `is_last`: of this process; the training may go on later."""
        training, done = self.training, self.training.done
        self.metrics.step(done, told)
        self.logs.step(done, told)
        is_due = done % training.schedule["evaluateEvery"] == 0
        if is_due or done == training.steps:
            listed = "  ".join(f"{key} {value:.4g}" for key, value in told.items())
            self.measure(f"step {done}/{training.steps}  {listed}")
        if self.checkpoint and (is_due or is_last):
            self.logs.flush()
            checkpoints.save(self.checkpoint, training, self.metrics)


def train(training: Training, report: Optional[Report], at_most: Optional[int]) -> None:
    """The steps that are left, or `at_most` so many. `report`: None in processes that only compute."""
    until = min(training.steps, training.done + at_most) if at_most else training.steps
    if report and training.done == 0:
        report.measure("before the first step")
    while training.done < until:
        told = training.step()
        if not math.isfinite(told["total"]):
            raise SystemExit(f"The loss is no longer a number at step {training.done}: lower the learning rate.")
        if report:
            report.step(told, training.done == until)


def save(description: dict, student: nn.Module, out: str) -> None:
    about = description["metadata"]
    weights.save(out, student.state_dict(), about)
    if about.get("precision") == "low":
        print(f"The student is in {out}, in full precision; networks/low_precision.py rounds it as it is used.")
    else:
        teaches = " On the page it can teach: choose a file under “Teacher”." if description["teachesHere"] else ""
        print(f"The student is in {out}.{teaches}")


def train_and_save(
    description: dict, options: argparse.Namespace, training: Training, metrics: Optional[Metrics]
) -> None:
    """Takes the steps that are left. The process with `metrics` tells of them, and saves the student after the last."""
    report = Report(training, metrics, options) if metrics else None
    if metrics:
        metrics.begin()
    train(training, report, options.at_most)
    if not report or not metrics:
        return
    report.logs.close()
    if training.done < training.steps:
        print(f"Stopped after step {training.done}; the same command with --resume goes on from {options.checkpoint}.")
        return
    run = training.run
    save(description, run.learner.student, options.out)
    numbers = os.path.join(os.path.dirname(os.path.abspath(options.out)), "metrics.json")
    final = metrics.write(numbers)["final"]["student"]
    print(f"Its {run.task.name} on the test split is {run.task.text(final)}. Its curves are in {numbers}.")


def main() -> None:
    description = read_description()
    options = read_options(description, __doc__)
    processes = Processes.of_torchrun()
    device = find_device(options.device, int(os.environ.get("LOCAL_RANK", 0)))
    if options.check:
        raise SystemExit(0 if check(description, device) else 1)
    epochs = changed(description, options)
    if processes.world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    # Of dropout alone: all else is drawn from streams.
    torch.manual_seed(description["recipe"]["seed"] + processes.rank)
    training, metrics = prepared(description, options, epochs, device, processes)
    try:
        train_and_save(description, options, training, metrics)
    finally:
        if processes.world > 1:
            # Whoever lets go of the process group last waits for its threads, and these may need the interpreter.
            # Only this call lets them have it meanwhile, so the wrapper goes first.
            training.model = None
            dist.destroy_process_group()


if __name__ == "__main__":
    main()
