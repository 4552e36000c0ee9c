"""Makes and checks the golden cases of a hint with PyTorch.

    python3 scripts/golden.py src/distill/hints/NAME           works out the numbers of its cases and writes golden/*.json
    python3 scripts/golden.py src/distill/hints/NAME --check   says how far those that are there are off, and writes nothing

`golden.py` in the folder of the hint holds `UNITS`: per unit name a function of `inputs` and `params` that gives the losses
[B], with maps as [B,C,H,W]; and `CASES`: per file the unit, params, the shape of each input, with maps as [B,H,W,C], and,
for a hint with a regressor, the shape of each weight, by PyTorch's names and in its layouts ("conv.weight": [out,in,k,k]).
The function finds weights among its `inputs` by the same names; the files hold them in the layouts of the op table.
Numbers of a case that is there already stay while its names and shapes do; a case that `CASES` no longer names is removed.
Gradients are those by the weights and by the inputs whose names begin with "student". `from hints.NAME import ...` finds
every `torch.py`.
"""

import argparse
import glob
import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile

try:
    import torch
except ImportError:
    raise SystemExit(f"{sys.executable} has no PyTorch: start this with a Python that has it (pip install torch).")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def package_of_losses(hints, place):
    """The PyTorch export's folder, with the losses of every hint."""
    shutil.copytree(os.path.join(ROOT, "src/export/pytorch/project"), place, dirs_exist_ok=True)
    for source in glob.glob(os.path.join(hints, "*/torch.py")):
        name = os.path.basename(os.path.dirname(source)).replace("-", "_")
        shutil.copy(source, os.path.join(place, "hints", f"{name}.py"))
    # In a folder it makes the networks of its recipe, which no formula of a loss needs.
    with open(os.path.join(place, "networks", "__init__.py"), "w", encoding="utf-8") as file:
        file.write("make_plain_student = None\n")
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


def file_name(name):
    """What the files call a weight: kernels, and gamma and beta of a batch norm."""
    if re.search(r"(^|\.)bn\d?\.", name):
        return re.sub("bias$", "beta", re.sub("weight$", "gamma", name))
    return re.sub("weight$", "kernel", name)


def torch_name(name):
    return re.sub(r"(^|\.)beta$", r"\1bias", re.sub(r"(^|\.)(kernel|gamma)$", r"\1weight", name))


def weight_of(entry):
    value = torch.tensor(entry["data"], dtype=torch.float64).reshape(entry["shape"])
    value = value.t() if value.ndim == 2 else value.permute(3, 2, 0, 1) if value.ndim == 4 else value
    return value.contiguous()


def entry_of_weight(value):
    value = value.detach()
    value = value.t() if value.ndim == 2 else value.permute(2, 3, 1, 0) if value.ndim == 4 else value
    data = [float(f"{x:.7g}") for x in value.reshape(-1).tolist()]
    return {"shape": list(value.shape), "dtype": "float32", "data": data}


def drawn_weights(shapes, seed):
    """Weights of a new case by their names in the files, about as large as fresh ones."""
    random = torch.Generator().manual_seed(1000 + seed)
    draw = lambda shape: torch.randn(shape, generator=random, dtype=torch.float64) / 2
    return {file_name(name): entry_of_weight((draw(shape) * 1e4).round() / 1e4) for name, shape in shapes.items()}


def same_shapes(entries, others):
    """Whether two sets of inputs or weights have the same names and shapes."""
    shapes = lambda of: {name: entry["shape"] for name, entry in of.items()}
    return shapes(entries) == shapes(others)


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
    weights = {torch_name(name): weight_of(entry) for name, entry in case.get("weights", {}).items()}
    named = case.get("expected", {}).get("grads", {})
    by = {name: value for name, value in inputs.items() if name.startswith("student") or name in named}
    leaves = [value.requires_grad_(True) for value in (*by.values(), *weights.values())]
    each = losses({**inputs, **weights}, case["params"])
    # A case may ask for more gradients than those of this loss.
    grads = torch.autograd.grad(each.mean(), leaves, allow_unused=True)
    entries = lambda names, found, entry: {name: entry(grad) for name, grad in zip(names, found) if grad is not None}
    return {
        "loss": float(f"{each.mean().item():.7g}"),
        "perSample": entry_of(each)["data"],
        "grads": {
            **entries(by, grads, entry_of),
            **entries(map(file_name, weights), grads[len(by) :], entry_of_weight),
        },
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
    for name in [name for name, case in there.items() if name not in hint.CASES and case.get("source") == "golden.py"]:
        os.remove(os.path.join(folder, "golden", f"{name}.json"))
        print(f"{os.path.basename(folder)}/{name}: removed, since golden.py names it no more")
    for seed, (name, (unit, params, shapes, *weights)) in enumerate(hint.CASES.items()):
        classes = shapes.get("studentLogits", (0, 1))[1]
        fresh = {"inputs": drawn(shapes, classes, seed)}
        if weights:
            fresh["weights"] = drawn_weights(weights[0], seed)
        old = there.get(name, {})
        kept = all(same_shapes(old.get(what, {}), fresh.get(what, {})) for what in ("inputs", "weights"))
        numbers = {what: old[what] if kept else fresh[what] for what in fresh}
        title = f"{os.path.basename(folder)}/{name}"
        case = {"name": title, "unit": unit, "source": "golden.py", "params": params, **numbers}
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
