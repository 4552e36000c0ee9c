"""Goes on with a recipe of the page in PyTorch.

    python train.py                          one GPU (or the processor)
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  compares the first batch's losses and the test scores with the page's

The student starts from the page's first weights; `--from trained` starts from where the page stopped.
"""

import argparse
import csv
import importlib
import math
import os
import time

import torch
import torch.distributed as dist
from torch import nn

import weights
from check import check
from learner import path, read_description
from metrics import Metrics
from processes import Processes, with_common_statistics
from run import Run
from training import Training


def arguments(recipe):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare losses and scores with the page's")
    parser.add_argument("--from", dest="start", choices=["start", "trained"], default="start")
    parser.add_argument("--steps", type=int, help="length of the run (default: the recipe's)")
    parser.add_argument("--batch", type=int, help="instances per step, over all GPUs (default: the recipe's)")
    parser.add_argument("--learning-rate", type=float, help="highest rate (default: the recipe's)")
    parser.add_argument("--sync-bn", action="store_true", help="on several GPUs, batch norm over the whole batch")
    parser.add_argument("--device", help="cpu, cuda, mps (default: what there is)")
    parser.add_argument("--out", default=path("student.safetensors"), help="where the student is saved")
    if recipe["weighting"]["id"] == "hint-dynamic":
        choices = ["exact", "differences"]
        help_ = "how HKD's is computed (default: exact)"
        parser.add_argument("--hypergradient", choices=choices, default="exact", help=help_)
    parser.add_argument("--log", help="a CSV file for the losses of every step")
    return parser.parse_args()


def find_device(wanted, local):
    cuda = torch.cuda.is_available()
    mps = hasattr(torch.backends, "mps") and torch.backends.mps.is_available()
    device = torch.device(wanted or (f"cuda:{local}" if cuda else "mps" if mps else "cpu"))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def train(training, steps, log, metrics):
    """All steps. `log`: takes the losses of each; `metrics`: what this process measures and says, None for nothing."""
    task = training.run.task
    every = training.schedule["evaluateEvery"]
    if metrics:
        print(f"before the first step  {metrics.split} {task.name} {task.text(metrics.measure(0))}", flush=True)
    for number in range(steps):
        told = training.step(number)
        log(number + 1, told)
        if not math.isfinite(told["total"]):
            raise SystemExit(f"The loss is no longer a number at step {number + 1}: lower the learning rate.")
        done = number + 1
        if metrics:
            metrics.step(done, told)
        if metrics and (done % every == 0 or done == steps):
            listed = "  ".join(f"{key} {value:.4g}" for key, value in told.items())
            score = task.text(metrics.measure(done))
            print(f"step {done}/{steps}  {listed}  {metrics.split} {task.name} {score}", flush=True)


def log_into(file):
    """Writes the losses of each step as a row; without a file it writes nothing."""
    if file is None:
        return lambda step, told: None
    writer = csv.writer(file)

    def log(step, told):
        if step == 1:
            writer.writerow(["step", *told])
        writer.writerow([step, *map(repr, told.values())])

    return log


def save(description, student, out):
    about = dict(description["metadata"])
    is_low = any("rounding" in step or step["kind"] == "roundedRelu" for step in description["student"]["nodes"])
    if is_low:
        about["precision"] = "low"
    weights.save(out, student.state_dict(), about)
    if is_low:
        print(f"The student is in {out}, in full precision; network.py rounds it as it is used.")
    else:
        teaches = " On the page it can teach: choose a file under “Teacher”." if description["teachesHere"] else ""
        print(f"The student is in {out}.{teaches}")


def main():
    description = read_description()
    recipe = description["recipe"]
    args = arguments(recipe)
    schedule = recipe["schedule"]
    steps = schedule["steps"] if args.steps is None else args.steps
    batch = args.batch or schedule["batch"]

    processes = Processes.of_torchrun()
    rank, world = processes.rank, processes.world
    device = find_device(args.device, int(os.environ.get("LOCAL_RANK", 0)))
    if args.check:
        raise SystemExit(0 if check(description, device, batch) else 1)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    # Of dropout alone: all else is drawn from streams.
    torch.manual_seed(recipe["seed"] + rank)

    run = Run(description, device, batch, args.start)
    highest = args.learning_rate or schedule["learningRate"]
    training = Training(run, steps, highest, processes, getattr(args, "hypergradient", "exact"))
    if world > 1 and training.why_alone():
        raise SystemExit(f"{training.why_alone()} Start it without torchrun.")
    if description["hasPrelude"] and args.start == "start":
        importlib.import_module("preludes").prepare(run, steps, training.highest, rank == 0)
    if args.sync_bn:
        if world == 1 or device.type != "cuda":
            raise SystemExit("--sync-bn is for several GPUs: start it with torchrun on a machine that has them.")
        with_common_statistics(run.learner)
    if world > 1:
        # After an initialisation stage its own layers may get no gradient. Statistics of batch norm stay each process's own.
        training.model = nn.parallel.DistributedDataParallel(
            run.learner, broadcast_buffers=False, find_unused_parameters=description["hasPrelude"]
        )
    with open(args.log if args.log and rank == 0 else os.devnull, "w", newline="", encoding="utf-8") as file:
        metrics = Metrics(run, steps, world) if rank == 0 else None
        began = time.perf_counter()
        train(training, steps, log_into(file if args.log else None), metrics)
    if metrics:
        save(description, run.learner.student, args.out)
        numbers = os.path.join(os.path.dirname(os.path.abspath(args.out)), "metrics.json")
        final = metrics.write(numbers, time.perf_counter() - began)["final"]["student"]
        print(f"Its {run.task.name} on the test split is {run.task.text(final)}. Its curves are in {numbers}.")
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
