"""Reading and writing of safetensors files (https://huggingface.co/docs/safetensors), without a further package."""

from __future__ import annotations

import json
import struct

import numpy
import torch


# Types of numbers in such files, as numpy names them.
TYPES = {"F32": "<f4", "F64": "<f8", "U8": "u1", "I32": "<i4", "I64": "<i8", "I8": "i1", "I16": "<i2"}


def load(path: str) -> dict:
    """{name: tensor} of a file of arrays; ends the program where there is none."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
            numbers = file.read()
    except FileNotFoundError:
        raise SystemExit(f"There is no {path}. Unpack the folder again.") from None
    except (struct.error, ValueError):
        raise SystemExit(f"{path} is no safetensors file, or is cut off. Unpack the folder again.") from None
    state = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in TYPES:
            raise SystemExit(f"{path}: {name} is stored as {entry['dtype']}; this reads {', '.join(TYPES)}")
        start, end = entry["data_offsets"]
        if end > len(numbers):
            raise SystemExit(f"{path} is cut off. Unpack the folder again.")
        array = numpy.frombuffer(numbers[start:end], dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
        # A copy in the machine's byte order, that may be written to.
        state[name] = torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
    return with_steps(state)


def with_steps(state: dict) -> dict:
    """Kernels that are stored as whole numbers with a step, put together."""
    whole = [name[: -len(".integers")] for name in state if name.endswith(".integers")]
    for name in whole:
        state[name] = state.pop(f"{name}.integers").float() * state.pop(f"{name}.step")
    return state


def save(path: str, state: dict, metadata: dict) -> None:
    """Writes the float tensors of a state dict; `metadata` is {text: text}. The page reads such files as a teacher."""
    arrays = {
        name: tensor.detach().cpu().float().contiguous().numpy()
        for name, tensor in state.items()
        if tensor.is_floating_point()
    }
    header, at = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for array in arrays.values():
            file.write(array.astype("<f4").tobytes())


def load_into(module: torch.nn.Module, path: str, other_rows: bool = False) -> None:
    """Loads a file into a module; every name must be there.

    `other_rows`: whether what is remembered of each instance stays as it is made, where there are other instances
    """
    state = load(path)
    own = module.state_dict()
    if other_rows:
        state.update({name: own[name] for name in state if own[name].shape != state[name].shape})
    odd = next((name for name in state if name in own and own[name].shape != state[name].shape), None)
    if odd is not None:
        shapes = f"{list(state[odd].shape)} in place of {list(own[odd].shape)}"
        raise SystemExit(f"{path} is of another network: {odd} has {shapes}.")
    counters = {name for name in own if name.endswith(("num_batches_tracked", "_extra_state"))}
    missing, unexpected = module.load_state_dict(state, strict=False)
    missing = set(missing) - counters
    if missing or unexpected:
        raise SystemExit(f"{path} does not fit: missing {sorted(missing)}, unexpected {sorted(unexpected)}.")
