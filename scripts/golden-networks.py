"""
Writes golden numbers of networks that torchvision publishes, from their definitions in PyTorch (torchvision itself is not
needed): tests/golden/data/networks/NAME.json. Weights and images come from the formula of tests/golden/formula-networks.ts.

    python3 scripts/golden-networks.py
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
target = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/data/networks"


def uniform(name, count):
    """Murmur3's last step of i and of the name (FNV-1a), in [-1, 1)."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        h = np.uint32(seed) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
        h = (h ^ (h >> 16)) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> 13)) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> 16)
    return h / 2**32 * 2 - 1


def range_of(name, shape):
    if name.endswith("running_var"):
        return 1, 0.5
    if name.endswith("running_mean"):
        return 0, 0.2
    if len(shape) > 1:
        return 0, np.sqrt(3 / np.prod(shape[1:]))
    return (1, 0.3) if name.endswith("weight") else (0, 0.2)


class Block(nn.Module):
    """torchvision/models/resnet.py, BasicBlock and Bottleneck."""

    def __init__(self, inputs, planes, stride, bottleneck):
        super().__init__()
        self.bottleneck = bottleneck
        outputs = planes * 4 if bottleneck else planes
        if bottleneck:
            self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
            self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(planes, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        else:
            self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.bottleneck:
            y = self.bn3(self.conv3(y.relu()))
        return y + (x if self.downsample is None else self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, blocks, bottleneck, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for stage, count in enumerate(blocks):
            layers = []
            for i in range(count):
                planes = 64 * 2**stage
                layers.append(Block(inputs, planes, 2 if stage > 0 and i == 0 else 1, bottleneck))
                inputs = planes * 4 if bottleneck else planes
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, classes)

    def trace(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        stem, stages, before = x, [], []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            for block in layer:
                sum_ = block(x)
                x = sum_.relu()
            stages.append(x)
            before.append(sum_)
        embedding = x.mean((2, 3))
        return self.fc(embedding), stem, stages, before, embedding


class Vgg(nn.Module):
    """torchvision/models/vgg.py with batch norm; the average pooling is to one place, the classifier has `hidden` units."""

    def __init__(self, blocks, hidden, classes):
        super().__init__()
        layers, inputs = [], 3
        self.ends = []
        for widths in blocks:
            for width in widths:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                inputs = width
            self.ends.append(len(layers))
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(512, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(),
            nn.Linear(hidden, classes),
        )

    def trace(self, x):
        maps, before = [], []
        for i, layer in enumerate(self.features):
            if i + 1 in self.ends:
                before.append(x)
            x = layer(x)
            if i + 1 in self.ends:
                maps.append(x)
        embedding = self.classifier[:5](x.mean((2, 3)))
        return self.classifier[6](embedding), maps[0], maps[1:], before[1:], embedding


def conv_bn_relu6(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """torchvision/models/mobilenetv2.py"""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = [conv_bn_relu6(inputs, hidden, 1)] if expansion != 1 else []
        layers += [
            conv_bn_relu6(hidden, hidden, 3, stride, hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, classes):
        super().__init__()
        groups = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]
        layers, inputs = [conv_bn_relu6(3, 32, 3, 2)], 32
        self.ends = []
        for expansion, outputs, count, stride in groups:
            for i in range(count):
                layers.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, expansion))
                inputs = outputs
            self.ends.append(len(layers) - 1)
        layers.append(conv_bn_relu6(320, 1280, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def trace(self, x):
        maps = []
        for layer in self.features:
            x = layer(x)
            maps.append(x)
        stages = [maps[self.ends[group]] for group in (1, 2, 4, 6)]
        embedding = x.mean((2, 3))
        return self.classifier(embedding), maps[0], stages, stages, embedding


def rounded(values):
    return [float(f"{value:.7g}") for value in values]


def summary(maps):
    return rounded(m.mean().item() for m in maps), rounded(m.std(unbiased=False).item() for m in maps)


def case(name, model, side, batch, classes=10):
    model.double().eval()
    state = model.state_dict()
    for key, value in state.items():
        if value.dtype != torch.int64:
            offset, scale = range_of(key, value.shape)
            numbers = np.float32(offset + uniform(key, value.numel()) * scale)
            value.copy_(torch.from_numpy(numbers).reshape(value.shape))
    images = np.float32(2 * uniform("images", batch * side * side * 3)).reshape(batch, side, side, 3)
    with torch.no_grad():
        logits, stem, stages, before, embedding = model.trace(torch.from_numpy(images).double().permute(0, 3, 1, 2))
    maps = [stem, *stages, embedding]
    nhwc = [list(m.permute(0, 2, 3, 1).shape) if m.dim() == 4 else list(m.shape) for m in maps]
    means, deviations = summary(maps)
    told = {
        "network": name,
        "classes": classes,
        "parameters": sum(p.numel() for p in model.parameters()),
        "side": side,
        "batch": batch,
        "expected": {
            "eval": {
                "logits": [rounded(row) for row in logits.tolist()],
                "stageShapesNHWC": nhwc,
                "stageMeans": means,
                "stageStds": deviations,
                "preActivations": [
                    {
                        "mean": rounded([m.mean().item()])[0],
                        "deviation": rounded([m.std(unbiased=False).item()])[0],
                        "first": rounded(m.permute(0, 2, 3, 1).reshape(-1)[:4].tolist()),
                    }
                    for m in before
                ],
            }
        },
    }
    (target / f"{name}.json").write_text(json.dumps(told, separators=(",", ":")) + "\n")
    print(name, told["parameters"])


case("ResNet18-stem7", ResNet([2, 2, 2, 2], False, 10), 33, 2)
case("ResNet50-stem7", ResNet([3, 4, 6, 3], True, 10), 33, 1)
case("VGG11-bn-64", Vgg([[64], [128], [256, 256], [512, 512], [512, 512]], 64, 10), 32, 2)
case("MobileNetV2-224", MobileNetV2(10), 33, 2)
