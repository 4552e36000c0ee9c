"""Times the training steps of tests/bench/engine/training.ts in PyTorch, eagerly.

Reads {"cases": [...], "limit": {"steps", "ms"}, "device": ""} from standard input and writes JSON to standard output.
The networks are those of src/nn/networks (cnn.ts, resnet.ts, resnet-imagenet.ts); float32 throughout, TF32 off, as WebGPU has no such thing.
"""

import json
import platform
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


def conv_bn(inputs, outputs, kernel, stride=1):
    conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class Cnn(nn.Module):
    """`cnn-A-B-C`: per width conv 3x3, batch norm, ReLU; 2x2 max pooling between; global average; dense."""

    def __init__(self, widths, channels):
        super().__init__()
        self.blocks = nn.ModuleList(conv_bn(i, o, 3) for i, o in zip([channels, *widths], widths))
        self.fc = nn.Linear(widths[-1], CLASSES)
        self.last = widths[-1]

    def forward(self, x):
        for index, block in enumerate(self.blocks):
            x = F.relu(block(F.max_pool2d(x, 2) if index else x))
        return self.fc(x.mean((2, 3))), x


class Block(nn.Module):
    """A basic block of ResNet."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = conv_bn(inputs, outputs, 3, stride)
        self.second = conv_bn(outputs, outputs, 3)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_bn(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet(nn.Module):
    """The CIFAR form: stem 16, stages of 16, 32 and 64 channels with (depth - 2) / 6 blocks each."""

    def __init__(self, depth, channels):
        super().__init__()
        self.stem = conv_bn(channels, 16, 3)
        blocks, inputs = [], 16
        for stage, outputs in enumerate([16, 32, 64]):
            for index in range((depth - 2) // 6):
                blocks.append(Block(inputs, outputs, 2 if stage > 0 and index == 0 else 1))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, CLASSES)
        self.last = 64

    def forward(self, x):
        x = self.blocks(F.relu(self.stem(x)))
        return self.fc(x.mean((2, 3))), x


class Bottleneck(nn.Module):
    """A bottleneck block of ResNet, with the stride in its 3x3 convolution."""

    def __init__(self, inputs, inner, stride):
        super().__init__()
        outputs = 4 * inner
        self.first = conv_bn(inputs, inner, 1)
        self.second = conv_bn(inner, inner, 3, stride)
        self.third = conv_bn(inner, outputs, 1)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_bn(inputs, outputs, 1, stride)

    def forward(self, x):
        y = F.relu(self.second(F.relu(self.first(x))))
        return F.relu(self.third(y) + self.shortcut(x))


class ImagenetResNet(nn.Module):
    """torchvision's form: 7x7 stem with stride 2, max pooling, four stages."""

    def __init__(self, depth, channels):
        super().__init__()
        counts = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}[depth]
        block, expansion = (Bottleneck, 4) if depth == 50 else (Block, 1)
        self.stem = conv_bn(channels, 64, 7, 2)
        blocks, inputs = [], 64
        for stage, count in enumerate(counts):
            for index in range(count):
                blocks.append(block(inputs, 64 * 2**stage, 2 if stage > 0 and index == 0 else 1))
                inputs = 64 * 2**stage * expansion
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inputs, CLASSES)
        self.last = inputs

    def forward(self, x):
        x = self.blocks(F.max_pool2d(F.relu(self.stem(x)), 3, 2, 1))
        return self.fc(x.mean((2, 3))), x


def network(name, channels):
    if name.startswith("ResNet") and name.endswith("-stem7"):
        return ImagenetResNet(int(name[len("ResNet") : -len("-stem7")]), channels)
    if name.startswith("resnet"):
        return ResNet(int(name[len("resnet") :]), channels)
    return Cnn([int(width) for width in name.split("-")[1:]], channels)


class Training:
    """SGD with momentum on one batch, which is copied to the device anew before every step."""

    def __init__(self, case, device):
        torch.manual_seed(1)
        batch, side, channels = case["batch"], case["side"], case["channels"]
        self.student = network(case["student"], channels).to(device).train()
        self.teacher, self.regressor = None, None
        parameters = list(self.student.parameters())
        if case["teacher"]:
            self.teacher = network(case["teacher"], channels).to(device).eval()
            width = self.teacher.last
            self.regressor = nn.Sequential(nn.Conv2d(self.student.last, width, 1), nn.BatchNorm2d(width))
            parameters += self.regressor.to(device).train().parameters()
        self.size = sum(parameter.numel() for parameter in parameters)
        self.optimiser = torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=5e-4)
        pixels = torch.randn(batch, channels, side, side)
        labels = torch.arange(batch) % CLASSES
        pinned = device.type == "cuda"
        if case.get("start"):
            pixels = self.begin(case["start"], pixels.shape)
        self.given = [each.pin_memory() if pinned else each for each in (pixels, labels)]
        self.batch = [each.to(device) for each in self.given]

    def begin(self, start, shape):
        """Takes over weights and batch of the engine, whose layouts are [k,k,in,out], [in,out] and [B,H,W,C]."""
        for parameters, given in (
            ([*self.student.parameters(), *(self.regressor.parameters() if self.regressor else ())], start["trained"]),
            ([*self.teacher.parameters()] if self.teacher else [], start["teacher"]),
        ):
            for parameter, numbers in zip(parameters, given, strict=True):
                value = torch.tensor(numbers["values"]).reshape(numbers["shape"])
                value = value.permute(3, 2, 0, 1) if value.dim() == 4 else value.T if value.dim() == 2 else value
                with torch.no_grad():
                    parameter.copy_(value)
        batch, channels, height, width = shape
        return torch.tensor(start["pixels"]).reshape(batch, height, width, channels).permute(0, 3, 1, 2).contiguous()

    def step(self):
        for held, given in zip(self.batch, self.given):
            held.copy_(given, non_blocking=True)
        images, labels = self.batch
        logits, features = self.student(images)
        loss = F.cross_entropy(logits, labels)
        if self.teacher:
            with torch.no_grad():
                taught, target = self.teacher(images)
            student, teacher = F.log_softmax(logits / 4, 1), F.softmax(taught / 4, 1)
            kd = 16 * F.kl_div(student, teacher, reduction="batchmean")
            hint = F.mse_loss(F.relu(self.regressor(features)), target)
            loss = 0.9 * loss + 0.9 * kd + 0.1 * hint
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.detach()


def measure(case, limit, device):
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    wait_for(device)
    began = time.perf_counter()
    training = Training(case, device)
    training.step().item()
    first = time.perf_counter() - began
    times, timed = [], time.perf_counter()
    while not times or (len(times) < limit["steps"] and (time.perf_counter() - timed) * 1000 < limit["ms"]):
        began = time.perf_counter()
        training.step().item()
        wait_for(device)
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    for _ in times:
        training.step()
    wait_for(device)
    overlapped = (time.perf_counter() - began) / len(times)
    return {
        "case": case["name"],
        "ms": statistics.median(times) * 1000,
        "overlappedMs": overlapped * 1000,
        "firstMs": first * 1000,
        "steps": len(times),
        "parameters": training.size,
        "bytes": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None,
    }


def wait_for(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def choose(name):
    """The named device, else a graphics card, else the processor; with what people call it."""
    mps = getattr(torch.backends, "mps", None)
    if not name:
        name = "cuda" if torch.cuda.is_available() else "mps" if mps and mps.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda":
        return device, torch.cuda.get_device_name(device)
    if device.type == "mps":
        return device, "Apple graphics card (MPS)"
    return device, f"processor, {torch.get_num_threads()} threads ({platform.machine()})"


def serve(threads):
    """Answers tests/bench/peers/protocol.ts on a number of threads."""
    torch.set_num_threads(threads)
    training = None
    print(json.dumps({"title": f"PyTorch {torch.__version__}"}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        if question["do"] == "begin":
            training = Training({**question["case"], "start": question["start"]}, torch.device("cpu"))
            answer = {"start": None, "parameters": training.size}
        else:
            steps = question["steps"]
            began, used = time.perf_counter(), time.process_time()
            losses = [training.step().item() for _ in range(steps)]
            answer = {
                "wallMs": (time.perf_counter() - began) * 1000 / steps,
                "processorMs": (time.process_time() - used) * 1000 / steps,
                "losses": losses,
            }
        print(json.dumps(answer), flush=True)


def main():
    asked = json.load(sys.stdin)
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    device, title = choose(asked["device"])
    measurements = [measure(case, asked["limit"], device) for case in asked["cases"]]
    json.dump({"version": torch.__version__, "device": title, "measurements": measurements}, sys.stdout)


if "--serve" in sys.argv:
    serve(int(sys.argv[sys.argv.index("--serve") + 1]))
else:
    main()
