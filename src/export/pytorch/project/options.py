"""What can be asked for on the command line."""

from __future__ import annotations

import argparse
import importlib
import math
import os
from typing import Optional

from learner import path


def read_options(description: dict, about: str) -> argparse.Namespace:
    recipe = description["recipe"]
    parser = argparse.ArgumentParser(
        usage="python train.py [options]", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--check", action="store_true", help="only compare losses and scores with the page's")
    add("--from", dest="start", choices=["start", "trained"], default="start", help="the student's first weights")
    if description["hasPresets"]:
        choices = list(importlib.import_module("presets").PRESETS)
        add("--preset", choices=choices, help="a published protocol, in place of the recipe's schedule")
    if description["readers"]:
        kinds = ", ".join(description["readers"])
        add("--data", metavar="KIND:PATH", help=f"data of your own in place of the page's; KIND is {kinds}")
    if description["readers"] and description["task"]["id"] == "classification" and description["input"]["kind"] == "vector":
        add("--target", metavar="COLUMN", help="the column with the class, in data of your own")
    answers = description.get("answers")
    if answers:
        add("--data", help=argparse.SUPPRESS)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=whole, help="length of the run (default: the recipe's)")
    length.add_argument("--epochs", type=whole_above_zero, help="the same in passes over the labelled instances")
    add("--batch", type=whole_above_zero, help="instances per step, over all GPUs (default: the recipe's)")
    add("--learning-rate", type=above_zero, help="highest rate (default: the recipe's)")
    add("--evaluate-every", type=whole_above_zero, metavar="STEPS", help="(default: the recipe's, or an epoch)")
    stays = bool(answers) and answers["isOfPlainImages"]
    if description["input"]["kind"] == "image":
        told = lambda text: argparse.SUPPRESS if stays else text
        add("--shift", type=whole, metavar="PIXELS", help=told("move images by up to so much (default: the recipe's)"))
        add("--flip", action="store_true", help=told("mirror half of the images"))
    add("--device", help="cpu, cuda, mps (default: what there is)")
    add("--precision", choices=["f32", "bf16", "f16"], default="f32", help="numbers that networks compute with")
    add("--compile", action="store_true", help="compile the networks (PyTorch 2.0 or newer)")
    add("--sync-bn", action="store_true", help="on several GPUs, batch norm over the whole batch")
    add("--checkpoint", metavar="FILE", help="write the whole state there at each evaluation")
    stopped = description["stopped"]
    goes_on = f", else from where the page was stopped (step {stopped['done']})" if "done" in stopped else ""
    add("--resume", action="store_true", help=f"go on from that file, if there is one{goes_on}")
    add("--at-most", type=whole_above_zero, metavar="STEPS", help="stop after so many steps, to go on later")
    add("--out", default=path("student.safetensors"), help="where the student is saved")
    # Not "--log": torchrun takes the beginning of one of its own options for that, also behind the script.
    add("--csv", metavar="FILE", help="a CSV file for the losses of every step")
    add("--tensorboard", metavar="FOLDER", help="the same and the scores for TensorBoard, which must be installed")
    if recipe["weighting"]["id"] == "hint-dynamic":
        choices = ["exact", "differences"]
        add("--hypergradient", choices=choices, default="exact", help="how HKD's is computed (default: exact)")
    options = parser.parse_args()
    if options.at_most and not options.checkpoint:
        parser.error("--at-most needs a --checkpoint")
    if options.resume and not options.checkpoint and "done" not in stopped:
        parser.error(f"--resume needs a --checkpoint. {stopped.get('why', '')}".rstrip())
    for name in ("checkpoint", "out", "csv"):
        folder = os.path.dirname(os.path.abspath(getattr(options, name) or ""))
        if not os.path.isdir(folder):
            parser.error(f"--{name} {getattr(options, name)}: there is no folder {folder}")
    options.resume_from = resume_from(options, stopped)
    if answers and options.data:
        parser.error(
            "--data: the teacher's answers are known for the page's data alone. Save the folder of a recipe whose teacher "
            "is a network, or has answers for your data."
        )
    if stays and (options.shift or options.flip):
        parser.error("The teacher's answers are of the images as they are: leave --shift and --flip out.")
    kind = (getattr(options, "data", None) or "").split(":")[0]
    if kind and (kind not in description["readers"] or kind == options.data):
        parser.error(f"--data {options.data}: write KIND:PATH, where KIND is {', '.join(description['readers'])}")
    return options


def whole(text: str) -> int:
    """A number of an option, from 0 on."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 0 on")
    return int(text)


def whole_above_zero(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number


def resume_from(options: argparse.Namespace, stopped: dict) -> Optional[str]:
    """What the training goes on from: its own "checkpoint", the state of the "page", or None, where it begins anew."""
    if not options.resume:
        return None
    if options.checkpoint and os.path.exists(options.checkpoint):
        return "checkpoint"
    return "page" if "done" in stopped else None
