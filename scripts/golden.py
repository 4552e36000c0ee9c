"""Makes and checks the golden cases of a hint with PyTorch.

    python3 scripts/golden.py src/distill/hints/NAME           works out the numbers of its cases and writes golden/*.json
    python3 scripts/golden.py src/distill/hints/NAME --check   says how far those that are there are off, and writes nothing

`golden.py` in the folder of the hint holds `UNITS`: per unit name a function of `inputs` and `params` that gives the losses
[B], with maps as [B,C,H,W]; and `CASES`: per file the unit, params and the shape of each input, with maps as [B,H,W,C].
Inputs of a case that is there already stay as they are. `from hints.NAME import ...` finds every `torch.py`.
"""

import argparse
import glob
import importlib.util
import json
import os
import shutil
import sys
import tempfile

import torch

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def package_of_losses(hints, place):
    """The folder of losses as the PyTorch export writes it, with every hint."""
    shutil.copytree(os.path.join(ROOT, "src/export/pytorch/project/hints"), os.path.join(place, "hints"))
    for source in glob.glob(os.path.join(hints, "*/torch.py")):
        name = os.path.basename(os.path.dirname(source)).replace("-", "_")
        shutil.copy(source, os.path.join(place, "hints", f"{name}.py"))
    sys.path.insert(0, place)


def load(path):
    spec = importlib.util.spec_from_file_location("golden_of_hint", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tensor_of(entry):
    if entry["dtype"] == "int32":
        return torch.tensor(entry["data"]).reshape(entry["shape"])
    value = torch.tensor(entry["data"], dtype=torch.float64).reshape(entry["shape"])
    return value.permute(0, 3, 1, 2).contiguous() if value.ndim == 4 else value


def entry_of(value):
    value = value.detach()
    value = value.permute(0, 2, 3, 1).contiguous() if value.ndim == 4 else value
    whole = not value.is_floating_point()
    data = value.reshape(-1).tolist()
    return {
        "shape": list(value.shape),
        "dtype": "int32" if whole else "float32",
        "data": data if whole else [float(f"{x:.7g}") for x in data],
    }


def drawn(shapes, classes, seed):
    """Inputs of a new case, in the shapes of the files: normal numbers, or class numbers for `labels`."""
    random = torch.Generator().manual_seed(seed)
    inputs = {}
    for name, shape in shapes.items():
        if name == "labels":
            inputs[name] = entry_of(torch.randint(classes, shape, generator=random))
        else:
            values = torch.randn(shape, generator=random, dtype=torch.float64)
            data = [round(x, 4) for x in values.flatten().tolist()]
            inputs[name] = {"shape": list(shape), "dtype": "float32", "data": data}
    return inputs


def expected_of(case, losses):
    inputs = {name: tensor_of(entry) for name, entry in case["inputs"].items()}
    by = [name for name in inputs if name.startswith("student")]
    for name in by:
        inputs[name].requires_grad_(True)
    each = losses(inputs, case["params"])
    grads = torch.autograd.grad(each.mean(), [inputs[name] for name in by])
    return {
        "loss": float(f"{each.mean().item():.7g}"),
        "perSample": entry_of(each)["data"],
        "grads": {name: entry_of(grad) for name, grad in zip(by, grads)},
    }


def distance(found, expected):
    """Largest difference, as a share of the largest expected number."""
    a, b = torch.tensor(found, dtype=torch.float64), torch.tensor(expected, dtype=torch.float64)
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-12)).item()


def check(name, case, losses):
    found, expected = expected_of(case, losses), case["expected"]
    worst = distance([found["loss"]], [expected["loss"]]) if "loss" in expected else 0
    if "perSample" in expected:
        worst = max(worst, distance(found["perSample"], expected["perSample"]))
    for by, grad in expected.get("grads", {}).items():
        if by in found["grads"]:
            worst = max(worst, distance(found["grads"][by]["data"], grad["data"]))
    print(f"{name}: off by {worst:.1e}")
    return worst < 1e-3


def make(folder, hint, there):
    if not hasattr(hint, "CASES"):
        raise SystemExit("The cases of this hint came from its authors' code: there is only --check.")
    os.makedirs(os.path.join(folder, "golden"), exist_ok=True)
    for seed, (name, (unit, params, shapes)) in enumerate(hint.CASES.items()):
        classes = shapes.get("studentLogits", (0, 1))[1]
        inputs = there[name]["inputs"] if name in there else drawn(shapes, classes, seed)
        title = f"{os.path.basename(folder)}/{name}"
        case = {"name": title, "unit": unit, "source": "golden.py", "params": params, "inputs": inputs}
        case["expected"] = expected_of(case, hint.UNITS[unit])
        with open(os.path.join(folder, "golden", f"{name}.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps(case, separators=(",", ":")) + "\n")
        print(f"{title}: loss {case['expected']['loss']:.6g}")


def check_all(folder, hint, there):
    """Whether every case with a unit of `golden.py` is right, and there is one."""
    known = {name: case for name, case in there.items() if case["unit"] in hint.UNITS}
    title = os.path.basename(folder)
    good = [check(f"{title}/{name}", case, hint.UNITS[case["unit"]]) for name, case in known.items()]
    return len(good) > 0 and all(good)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", help="the folders of the hints")
    parser.add_argument("--check", action="store_true", help="compare only")
    args = parser.parse_args()
    folders = [os.path.abspath(folder) for folder in args.folders]
    good = True
    with tempfile.TemporaryDirectory() as place:
        package_of_losses(os.path.dirname(folders[0]), place)
        for folder in folders:
            hint = load(os.path.join(folder, "golden.py"))
            there = {}
            for path in sorted(glob.glob(os.path.join(folder, "golden/*.json"))):
                with open(path, encoding="utf-8") as file:
                    there[os.path.basename(path)[:-5]] = json.load(file)
            if args.check:
                good = check_all(folder, hint, there) and good
            else:
                make(folder, hint, there)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
