"""What the student is taught. Each loss is [B], one number per image, and its mean is the published loss."""

import math

import torch
from torch import nn
import torch.nn.functional as F


# --- answers ---------------------------------------------------------------------------------------------------------


def soft_targets(student, teacher, temperature):
    """Hinton et al. 2015."""
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return (log_teacher.exp() * (log_teacher - log_student)).sum(1) * temperature**2


def soft_answers(student, teacher, temperature, times_square):
    """Cross-entropy of softened answers (Zaras et al. 2021)."""
    losses = -(F.softmax(teacher / temperature, 1) * F.log_softmax(student / temperature, 1)).sum(1)
    return losses * temperature**2 if times_square else losses


def targets_of(one_hot, teacher):
    """One-hot [B,C]: the label where there is one, else the teacher's top class."""
    answers = F.one_hot(teacher.argmax(1), one_hot.shape[1]).float()
    return one_hot + answers * (1 - one_hot.sum(1, keepdim=True))


def decoupled(student, teacher, target, alpha, beta, temperature):
    """Zhao et al. 2022 (DKD)."""

    def binary(logits):
        p = F.softmax(logits / temperature, 1)
        return ((p * target).sum(1).clamp_min(1e-12), (p * (1 - target)).sum(1).clamp_min(1e-12))

    (s, s_rest), (t, t_rest) = binary(student), binary(teacher)
    of_target = t * (t.log() - s.log()) + t_rest * (t_rest.log() - s_rest.log())
    log_student = F.log_softmax(student / temperature - 1000 * target, 1)
    log_teacher = F.log_softmax(teacher / temperature - 1000 * target, 1)
    of_others = (log_teacher.exp() * (log_teacher - log_student)).sum(1)
    return (alpha * of_target + beta * of_others) * temperature**2


def normalised(student, teacher, target, temperature, gamma):
    """Yang et al. 2023 (NKD)."""
    log_student = F.log_softmax(student, 1)
    of_target = -(F.softmax(teacher, 1) * target).sum(1) * (log_student * target).sum(1)
    others = [F.log_softmax(logits / temperature - 1000 * target, 1) for logits in (student, teacher)]
    cross = (others[1].exp() * others[0] * (1 - target)).sum(1)
    return of_target - gamma * temperature**2 * cross


def weighted_soft_labels(student, teacher, target, temperature):
    """Zhou et al. 2021 (WSLD); the weight is a constant for gradients."""

    def cross_entropy(logits):
        return -(target * F.log_softmax(logits, 1)).sum(1)

    weight = (1 - torch.exp(-cross_entropy(student) / (cross_entropy(teacher) + 1e-7))).detach()
    cross = -(F.softmax(teacher / temperature, 1) * F.log_softmax(student / temperature, 1)).sum(1)
    return weight * cross * temperature**2


def correlation(a, b):
    x, y = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    norms = x.square().sum(-1).clamp_min(1e-30).sqrt() * y.square().sum(-1).clamp_min(1e-30).sqrt()
    return (x * y).sum(-1) / (norms + 1e-8)


def relations_of_answers(student, teacher, temperature, beta, gamma):
    """Huang et al. 2022 (DIST)."""
    s, t = F.softmax(student / temperature, 1), F.softmax(teacher / temperature, 1)
    within = 1 - correlation(s, t)
    across = 1 - correlation(s.t(), t.t()).mean()
    return (beta * within + gamma * across) * temperature**2


def standardise(logits):
    centred = logits - logits.mean(1, keepdim=True)
    variance = centred.square().sum(1, keepdim=True) / (logits.shape[1] - 1)
    return centred / (variance.clamp_min(1e-30).sqrt() + 1e-7)


def smoothed_labels(logits, one_hot, smoothing, spread):
    """Szegedy et al. 2016; `spread`: evenly to all classes, or to the others only."""
    classes = logits.shape[1]
    labelled = one_hot.sum(1, keepdim=True)
    receivers = labelled if spread == "all" else labelled - one_hot
    share = smoothing / (classes if spread == "all" else classes - 1)
    wanted = one_hot * (1 - smoothing) + receivers * share
    return over_labelled(-(wanted * F.log_softmax(logits, 1)).sum(1), one_hot)


def hand_made_teacher(logits, one_hot, temperature, multiplier):
    """Yuan et al. 2020 (teacher-free KD): a teacher that is 0.99 sure of the label, softened."""
    rest = 0.01 / (one_hot.shape[1] - 1)
    log_teacher = F.log_softmax((one_hot * (0.99 - rest) + rest) / temperature, 1)
    terms = log_teacher.exp() * (log_teacher - F.log_softmax(logits, 1))
    return over_labelled(terms.mean(1) * one_hot.sum(1) * multiplier, one_hot)


def over_labelled(losses, one_hot):
    """Scaled so that the mean over the batch is the mean over the labelled images."""
    return losses * (len(one_hot) / one_hot.sum().clamp_min(1))


def nobody(one_hot):
    """The trace of a run without a teacher: every answer is the uniform one."""
    return {"logits": torch.zeros_like(one_hot), "embedding": torch.zeros_like(one_hot), "stages": []}


# --- maps ------------------------------------------------------------------------------------------------------------


def pair_stages(students, teachers):
    """Which teacher stage each student stage learns from: evenly spread, the last ones always paired."""
    pairs = min(students, teachers)
    return [((i + 1) * students // pairs - 1, (i + 1) * teachers // pairs - 1) for i in range(pairs)]


def match_sides(a, b):
    """Pools the larger of two maps to the smaller one's height and width."""
    sides = (min(a.shape[2], b.shape[2]), min(a.shape[3], b.shape[3]))
    return F.adaptive_avg_pool2d(a, sides), F.adaptive_avg_pool2d(b, sides)


def mean_square(a, b):
    return (a - b).square().flatten(1).mean(1)


def stage_of(trace, number):
    """0 is the stem, 1..n the stages, more means the last."""
    return trace["stem"] if number == 0 else trace["stages"][min(number, len(trace["stages"])) - 1]


def attention(maps, p):
    flat = maps.abs().pow(p).mean(1).flatten(1)
    return flat / flat.square().sum(1, keepdim=True).clamp_min(1e-24).sqrt()


def attention_transfer(student, teacher, p):
    """Zagoruyko and Komodakis 2017 (AT). A map of one pixel has nowhere to attend to."""
    total = 0
    for s, t in pair_stages(len(student["stages"]), len(teacher["stages"])):
        maps = student["stages"][s], teacher["stages"][t]
        if any(m.shape[2] * m.shape[3] == 1 for m in maps):
            continue
        a, b = match_sides(*maps)
        total = total + mean_square(attention(a, p), attention(b, p))
    return total


def channel_patterns(student, teacher):
    """Huang and Wang 2017 (NST), polynomial kernel."""

    def patterns(maps):
        flat = maps.flatten(2)
        return flat / flat.square().sum(2, keepdim=True).clamp_min(1e-24).sqrt()

    def kernel(x, y):
        return (x @ y.transpose(1, 2)).square().mean((1, 2))

    total = 0
    for i, j in pair_stages(len(student["stages"]), len(teacher["stages"])):
        s, t = (patterns(maps) for maps in match_sides(student["stages"][i], teacher["stages"][j]))
        total = total + kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)
    return total


def flows(student, teacher):
    """Yim et al. 2017 (FSP): how the channels of consecutive maps occur together."""

    def flow(earlier, later):
        a, b = (maps.flatten(2) for maps in match_sides(earlier, later))
        return a @ b.transpose(1, 2) / a.shape[2]

    s, t = ([trace["stem"], *trace["stages"]] for trace in (student, teacher))
    pairs = range(len(s) - 1)
    return sum((flow(s[i], s[i + 1]) - flow(t[i], t[i + 1])).square().mean((1, 2)) for i in pairs)


class FitnetRegressor(nn.Module):
    """Convolution with bias, batch norm, ReLU: brings the student's map to the teacher's size and channels."""

    def __init__(self, source, target):
        super().__init__()
        (side, _, channels), (goal, _, filters) = source, target
        if side == 2 * goal:
            self.conv = nn.Conv2d(channels, filters, 3, stride=2, padding=1)
        elif 2 * side == goal:
            self.conv = nn.ConvTranspose2d(channels, filters, 4, stride=2, padding=1)
        elif side >= goal:
            self.conv = nn.Conv2d(channels, filters, 1 + side - goal)
        else:
            self.conv = nn.Conv2d(channels, filters, 3, padding=1)
        self.bn = nn.BatchNorm2d(filters)

    def forward(self, maps):
        return F.relu(self.bn(self.conv(maps)))


class VidReader(nn.Module):
    """Reads the teacher's map off the student's: three 1x1 convolutions, and a variance per channel."""

    def __init__(self, channels, filters):
        super().__init__()
        self.conv0 = nn.Conv2d(channels, filters, 1, bias=False)
        self.conv1 = nn.Conv2d(filters, filters, 1, bias=False)
        self.conv2 = nn.Conv2d(filters, filters, 1, bias=False)
        self.logScale = nn.Parameter(torch.full((filters,), math.log(math.exp(5 - 1e-5) - 1)))

    def forward(self, student, teacher):
        s, t = match_sides(student, teacher)
        mean = self.conv2(F.relu(self.conv1(F.relu(self.conv0(s)))))
        variance = (F.softplus(self.logScale) + 1e-5)[None, :, None, None]
        return 0.5 * ((mean - t).square() / variance + variance.log()).mean((1, 2, 3))


# --- relations of images ---------------------------------------------------------------------------------------------


def similarity(features):
    # Channels last, as the page counts them; the products do not depend on the order.
    flat = features.flatten(1)
    gram = flat @ flat.t()
    return gram / gram.square().sum(1, keepdim=True).clamp_min(1e-24).sqrt()


def huber(a, b):
    distance = (a - b).abs()
    inner = distance.clamp_max(1)
    return 0.5 * inner.square() + (distance - inner)


def relative_distances(x):
    squares = x.square().sum(1)
    apart = squares[:, None] + squares[None, :] - 2 * x @ x.t()
    distances = apart.clamp_min(1e-12).sqrt() * (1 - torch.eye(len(x), device=x.device))
    return distances / (distances.sum() / (distances > 0).sum().clamp_min(1))


def angles(x):
    difference = x[None] - x[:, None]
    direction = difference / difference.square().sum(-1, keepdim=True).clamp_min(1e-24).sqrt()
    return direction @ direction.transpose(1, 2)


def relational(student, teacher, distance_weight, angle_weight):
    """Park et al. 2019 (RKD)."""
    distance = huber(relative_distances(student), relative_distances(teacher)).mean(1)
    angle = huber(angles(student), angles(teacher)).mean((1, 2))
    return distance_weight * distance + angle_weight * angle


def neighbours(student, teacher):
    """Passalis and Tefas 2018 (PKT)."""

    def probabilities(features):
        unit = features / (features.square().sum(1, keepdim=True).clamp_min(1e-30).sqrt() + 1e-7)
        near = (unit @ unit.t() + 1) / 2
        return near / near.sum(1, keepdim=True)

    s, t = probabilities(student), probabilities(teacher)
    return (t * ((t + 1e-7).log() - (s + 1e-7).log())).mean(1)


def correlation_congruence(student, teacher, gamma, order):
    """Peng et al. 2019 (CC), in the form of the paper."""

    def kernel(features):
        unit = features / features.square().sum(1, keepdim=True).clamp_min(1e-24).sqrt()
        near = unit @ unit.t()
        return sum(math.exp(-2 * gamma) * (2 * gamma) ** p / math.factorial(p) * near**p for p in range(order + 1))

    return (kernel(student) - kernel(teacher)).square().mean(1)


# --- one hint of the recipe ------------------------------------------------------------------------------------------


class Hint(nn.Module):
    """One entry of the recipe's hints: its loss, and what it trains beside the student."""

    def __init__(self, entry, student, teacher):
        """`student`, `teacher`: descriptions of the networks, for the shapes of their maps."""
        super().__init__()
        self.kind = entry["id"]
        self.knobs = entry["knobs"]
        self.shuffled = entry["shuffled"]
        if self.kind == "fitnet":
            layer = int(self.knobs["hintLayer"])
            sizes = [shape_of_stage(network, layer) for network in (student, teacher)]
            regressor = FitnetRegressor(*sizes)
            self.conv, self.bn = regressor.conv, regressor.bn
        if self.kind == "vid":
            counts = len(student["trace"]["stages"]), len(teacher["trace"]["stages"])
            self.pairs = pair_stages(*counts)
            for i, (s, t) in enumerate(self.pairs):
                channels = shape_of_stage(student, s + 1)[2], shape_of_stage(teacher, t + 1)[2]
                self.add_module(f"stage{i}", VidReader(*channels))

    def forward(self, student, teacher, one_hot):
        """[B] from the traces of both; the teacher's is a constant."""
        if self.shuffled:
            teacher = shifted(teacher)
        k = {name: number(value) for name, value in self.knobs.items()}
        s, t = student["logits"], teacher["logits"]
        kind = self.kind
        if kind == "kd":
            return soft_targets(s, t, k["temperature"])
        if kind == "soft-answers":
            return soft_answers(s, t, k["temperature"], k["timesSquare"])
        if kind == "logits":
            return (s - t).square().mean(1)
        if kind == "dkd":
            return decoupled(s, t, targets_of(one_hot, t), k["alpha"], k["beta"], k["temperature"])
        if kind == "nkd":
            return normalised(s, t, targets_of(one_hot, t), k["temperature"], k["gamma"])
        if kind == "wsld":
            return weighted_soft_labels(s, t, targets_of(one_hot, t), k["temperature"])
        if kind == "dist":
            return relations_of_answers(s, t, k["temperature"], k["beta"], k["gamma"])
        if kind == "lskd":
            if k["base"] == "kd":
                return soft_targets(standardise(s), standardise(t), k["temperature"])
            target = targets_of(one_hot, t)
            return decoupled(standardise(s), standardise(t), target, 1, k["beta"], k["temperature"])
        if kind == "ls":
            return smoothed_labels(s, one_hot, k["smoothing"], k["spread"])
        if kind == "tfkd-reg":
            return hand_made_teacher(s, one_hot, k["temperature"], k["multiplier"])
        if kind == "tfkd-self":
            return soft_targets(s, t, k["temperature"]) * k["multiplier"] / s.shape[1]
        if kind == "fsp":
            return flows(student, teacher)
        if kind == "fitnet":
            layer = int(k["hintLayer"])
            regressed = F.relu(self.bn(self.conv(stage_of(student, layer))))
            return mean_square(*match_sides(regressed, stage_of(teacher, layer)))
        if kind == "at":
            return attention_transfer(student, teacher, k["p"])
        if kind == "nst":
            return channel_patterns(student, teacher)
        if kind == "vid":
            readers = [getattr(self, f"stage{i}") for i in range(len(self.pairs))]
            losses = [read(student["stages"][i], teacher["stages"][j]) for read, (i, j) in zip(readers, self.pairs)]
            return sum(losses)
        by_logits = k.get("space") == "logits"
        if kind == "sp":
            own, shown = (s, t) if by_logits else (student["stages"][-1], teacher["stages"][-1])
            return (similarity(shown) - similarity(own)).square().mean(1)
        e, f = (s, t) if by_logits else (student["embedding"], teacher["embedding"])
        if kind == "rkd":
            return relational(e, f, k["distanceWeight"], k["angleWeight"])
        if kind == "pkt":
            return neighbours(e, f)
        if kind == "cc":
            return correlation_congruence(e, f, k["gamma"], int(k["order"]))
        raise ValueError(f"no loss for {kind}")


def shape_of_stage(network, layer):
    """[H,W,C] of the stem (0) or a stage."""
    trace = network["trace"]
    name = trace["stem"] if layer == 0 else trace["stages"][min(layer, len(trace["stages"])) - 1]
    if name == "images":
        return network["input"]
    return next(step["shape"] for step in network["nodes"] if step["name"] == name)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def shifted(trace):
    """Each image gets the teacher's view of the image before it in the batch: a nonsense hint."""
    roll = lambda x: torch.roll(x, 1, 0)
    return {
        name: [roll(x) for x in value] if isinstance(value, list) else roll(value) for name, value in trace.items()
    }
