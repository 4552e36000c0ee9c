"""Published protocols, to train as papers do. A preset takes the place of the recipe's schedule and moves."""

from __future__ import annotations

# Tian, Krishnan, Isola: Contrastive representation distillation, ICLR 2020, and the works that compare with it (RepDistiller,
# mdistiller): SGD, rate 0.05 times 0.1 after 150, 180 and 210 of 240 epochs; 0.01 for MobileNet and ShuffleNet.
CIFAR: dict = {
    "epochs": 240,
    "batch": 64,
    "schedule": {
        "optimiser": "sgd",
        "learningRate": 0.05,
        "momentum": 0.9,
        "nesterov": False,
        "weightDecay": 5e-4,
        "curve": "steps",
        "warmup": 0,
    },
    # Random crops of images with a border of four pixels, and mirroring.
    "material": {"shift": 4, "flip": True},
}
SLOW = {**CIFAR, "schedule": {**CIFAR["schedule"], "learningRate": 0.01}}

PRESETS = {"cifar100-240": CIFAR, "cifar100-240-mobile": SLOW}


def apply(recipe: dict, name: str) -> int:
    """Changes the recipe, and returns the epochs of the preset."""
    preset, schedule = PRESETS[name], recipe["schedule"]
    optimiser = schedule["optimiser"]
    schedule.update(preset["schedule"], batch=preset["batch"])
    # DOT is SGD in its own way, and keeps to the same rates.
    if optimiser == "dot":
        schedule["optimiser"] = optimiser
    recipe["material"].update(preset["material"])
    return preset["epochs"]
