"""Goes on with a recipe of the page in PyTorch.

    python train.py                          one GPU (or the processor)
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  compares the first batch's losses and the test scores with the page's

The student starts from the page's first weights; `--from trained` starts from where the page stopped.
"""

import argparse
import json
import math
import os

import torch
import torch.distributed as dist
from torch import nn

import data
import weights
from hints import make_hint, no_teacher, shifted
from network import Network
from tasks import make_task
from views import make_views

HERE = os.path.dirname(os.path.abspath(__file__))


def path(*parts):
    return os.path.join(HERE, *parts)


def first_of(teachers):
    return teachers[0] if teachers else None


class Learner(nn.Module):
    """The student with what its hints train, in one module, so that several GPUs keep all of it in step."""

    def __init__(self, description):
        super().__init__()
        self.student = Network(description["student"])
        self.hints = nn.ModuleDict(
            {
                key: make_hint(entry, description["student"], first_of(description["teachers"]))
                for key, entry in zip(description["hintKeys"], description["recipe"]["hints"])
            }
        )

    def forward(self, inputs, teacher, targets):
        """The student's outputs [B,outputs] and the losses [B] per hint. `targets`: as the task encodes them."""
        trace = self.student(inputs)
        return trace["logits"], {key: hint(trace, teacher, targets) for key, hint in self.hints.items()}


class Teacher:
    """The frozen teacher, as the recipe shows it to the student: one network, or the average of several."""

    def __init__(self, description, task, device):
        self.task = task
        self.networks = []
        for member in description["teachers"]:
            network = Network(member)
            weights.load_into(network, path("weights", member["weights"]))
            self.networks.append(network.to(device).eval())
        knobs = description["recipe"]["teacher"]["knobs"]
        self.average = knobs.get("average", "logits")
        self.corruption = knobs.get("corruption", "none")

    @torch.no_grad()
    def answer(self, inputs):
        """The trace of the first network, with the answers of all."""
        traces = [network(inputs) for network in self.networks]
        if len(traces) == 1:
            return traces[0]
        outputs = torch.stack([trace["logits"] for trace in traces])
        together = self.task.mean_probabilities(outputs) if self.average == "probabilities" else outputs.mean(0)
        return {**traces[0], "logits": together}

    @torch.no_grad()
    def __call__(self, inputs):
        trace = self.answer(inputs)
        if self.corruption == "other-images":
            return shifted(trace)
        if self.corruption == "rotated":
            logits = trace["logits"]
            half = logits.shape[1] // 2
            trace["logits"] = torch.cat([logits[:, :half], logits[:, -1:], logits[:, half:-1]], 1)
        return trace


def objective(task, output, losses, targets, factors, label_weight):
    """gamma * mean of the task's loss over what has a target + mean over all of the weighted hints, and its parts."""
    own = task.mean_loss(output, targets)
    parts = {task.loss: own}
    total = label_weight * own
    for key, loss in losses.items():
        parts[key] = loss.mean()
        total = total + factors[key] * loss.mean()
    return total, parts


def hint_factor(share, knobs):
    """Factor on all hint weights at `share` (0..1) of the run: warm-up, 1, decay."""
    percent = 100 * share
    if percent < knobs["warmup"]:
        return percent / knobs["warmup"]
    if percent <= knobs["decayFrom"] or knobs["decayFrom"] >= 100:
        return 1.0
    fallen = (percent - knobs["decayFrom"]) / (100 - knobs["decayFrom"])
    return 1 - fallen * (1 - knobs["endWeight"])


def learning_rate(step, steps, highest, schedule):
    """Of step 0, 1, ..., steps - 1."""
    warmup = math.floor(schedule["warmup"] / 100 * steps + 0.5)
    if step < warmup:
        return highest * (step + 1) / (warmup + 1)
    if schedule["curve"] == "cosine":
        return highest * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
    if schedule["curve"] == "steps":
        return highest * 0.1 ** sum(step >= share * steps for share in (0.625, 0.75, 0.875))
    if schedule["curve"] == "inverse":
        return highest * (1 + 10 * step / steps) ** -0.75
    return highest


class Balance:
    """Divides each hint by the running mean of its loss (of its size, where it may be negative), if the recipe asks for it."""

    def __init__(self, enabled, hints):
        self.enabled = enabled
        self.negative = {key for key, hint in hints.items() if hint.may_be_negative}
        self.means = {}

    def size(self, key, loss):
        return (loss.abs() if key in self.negative else loss).mean().item()

    def factors(self, weights_of_hints, losses):
        if not self.enabled:
            return weights_of_hints
        for key, loss in losses.items():
            self.means.setdefault(key, self.size(key, loss))
        return {key: weight / max(self.means[key], 1e-8) for key, weight in weights_of_hints.items()}

    def observe(self, losses):
        if self.enabled:
            for key, loss in losses.items():
                self.means[key] = 0.99 * self.means[key] + 0.01 * self.size(key, loss)


class Rows:
    """Row numbers in batches, shuffled anew for each pass; the same order on every GPU."""

    def __init__(self, rows, batch, seed):
        self.rows, self.batch = rows, min(batch, len(rows))
        self.random = torch.Generator().manual_seed(seed)
        self.left = rows[:0]

    def next(self):
        if self.batch == 0:
            return self.rows[:0]
        if len(self.left) < self.batch:
            self.left = self.rows[torch.randperm(len(self.rows), generator=self.random)]
        taken, self.left = self.left[: self.batch], self.left[self.batch :]
        return taken


def load_start(learner, which):
    if which == "trained":
        weights.load_into(learner.student, path("weights", "student.safetensors"))
        return
    weights.load_into(learner.student, path("weights", "student-start.safetensors"))
    if os.path.exists(path("weights", "hints-start.safetensors")):
        weights.load_into(learner.hints, path("weights", "hints-start.safetensors"))


@torch.no_grad()
def score(answer, split, task, views):
    """Of the answers to a split. `answer`: inputs as student and teacher see them, a pair, to outputs."""
    rows = torch.arange(len(split.inputs)).split(500)
    outputs = [answer(views(split.inputs[some], False)).cpu() for some in rows]
    return task.score(torch.cat(outputs), split.targets)


def score_of(network, split, task, views):
    """Of the student, or of another network that sees what the student sees."""
    network.eval()
    return score(lambda seen: network(seen[0])["logits"], split, task, views)


def check_losses(description, train, task, views, device):
    """Losses of the page's first batch, from its first weights, beside the page's own. Whether they are equal."""
    expected = description["firstBatch"]
    learner = Learner(description)
    load_start(learner, "start")
    learner.to(device).train()
    for module in learner.modules():
        # What is dropped is chance, so the page's numbers are those of a batch that loses nothing.
        if isinstance(module, nn.Dropout):
            module.eval()
    rows = torch.tensor(expected["rows"])
    targets = task.encode(train.given[rows]).to(device)
    seen, shown = views(train.inputs[rows], False)
    with torch.no_grad():
        teacher = Teacher(description, task, device) if description["teachers"] else None
        trace = teacher(shown) if teacher else no_teacher(len(rows), task.outputs, device)
        output, losses = learner(seen, trace, targets)
        _, parts = objective(task, output, losses, targets, {key: 0 for key in losses}, 0)
    worst = 0.0
    print(f"{'loss':<12}{'page':>20}{'here':>20}")
    for key, value in expected["losses"].items():
        found = parts[key].item()
        worst = max(worst, abs(found - value) / max(abs(value), 1e-6))
        print(f"{key:<12}{value:>20.7g}{found:>20.7g}")
    equal = worst < 1e-3
    print("The losses are equal." if equal else f"The losses differ by up to {100 * worst:.2g} %.")
    return equal


def check_scores(description, test, task, views, device):
    """Scores of the teacher and of the trained student on the test split, beside the page's. Whether they are equal."""
    student = Learner(description)
    load_start(student, "trained")
    student.to(device)
    found = {"student": score_of(student.student, test, task, views)}
    if description["teachers"]:
        answer = Teacher(description, task, device).answer
        found["teacher"] = score(lambda seen: answer(seen[1])["logits"], test, task, views)
    equal = True
    print(f"{task.name:<12}{'page':>20}{'here':>20}  ({task.better} is better)")
    for who, value in description["score"].items():
        print(f"{who:<12}{task.text(value):>20}{task.text(found[who]):>20}")
        equal = equal and task.is_equal(found[who], value, len(test.inputs))
    print("The scores are equal." if equal else "The scores differ. Are these the page's test data?")
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare losses and scores with the page's")
    parser.add_argument("--from", dest="start", choices=["start", "trained"], default="start")
    parser.add_argument("--steps", type=int, help="length of the run (default: the recipe's)")
    parser.add_argument("--batch", type=int, help="instances per step, over all GPUs (default: the recipe's)")
    parser.add_argument("--learning-rate", type=float, help="highest rate (default: the recipe's)")
    parser.add_argument("--device", help="cpu, cuda, mps (default: what there is)")
    parser.add_argument("--out", default=path("student.safetensors"), help="where the student is saved")
    args = parser.parse_args()

    with open(path("recipe.json"), encoding="utf-8") as file:
        description = json.load(file)
    recipe = description["recipe"]
    schedule = recipe["schedule"]
    steps = schedule["steps"] if args.steps is None else args.steps
    batch = args.batch or schedule["batch"]
    highest = args.learning_rate or schedule["learningRate"]
    task = make_task(description["task"])

    world = int(os.environ.get("WORLD_SIZE", 1))
    rank = int(os.environ.get("RANK", 0))
    local = int(os.environ.get("LOCAL_RANK", 0))
    cuda = torch.cuda.is_available()
    mps = hasattr(torch.backends, "mps") and torch.backends.mps.is_available()
    device = torch.device(args.device or (f"cuda:{local}" if cuda else "mps" if mps else "cpu"))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.manual_seed(recipe["seed"] + rank)

    train = data.read_split(description, path("data"), "train")
    test = data.read_split(description, path("data"), "test")
    views = make_views(description, device)
    if args.check:
        here = (task, views, device)
        equal = [check_losses(description, train, *here), check_scores(description, test, *here)]
        raise SystemExit(0 if all(equal) else 1)

    learner = Learner(description)
    load_start(learner, args.start)
    learner.to(device)
    teacher = Teacher(description, task, device) if description["teachers"] else None
    model = nn.parallel.DistributedDataParallel(learner) if world > 1 else learner

    if schedule["optimiser"] == "sgd":
        optimiser = torch.optim.SGD(
            learner.parameters(),
            lr=highest,
            momentum=schedule["momentum"],
            nesterov=schedule["nesterov"] and schedule["momentum"] > 0,
            weight_decay=schedule["weightDecay"],
        )
    else:
        optimiser = torch.optim.Adam(learner.parameters(), lr=highest, weight_decay=schedule["weightDecay"])

    labelled, unlabelled = train.rows("labelled"), train.rows("unlabelled")
    share = recipe["material"]["realShare"]
    part = 0 if share == 0 else min(max(batch * share // 100, 1), batch - 1)
    part = int(part) if len(unlabelled) else batch
    of_labelled = Rows(labelled, part, recipe["seed"])
    of_unlabelled = Rows(unlabelled, batch - part, recipe["seed"] + 1)
    balance = Balance(recipe["weighting"]["knobs"].get("autoBalance", False), learner.hints)
    if rank == 0:
        first = task.text(score_of(learner.student, test, task, views))
        print(f"before the first step  test {task.name} {first}", flush=True)

    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, highest, schedule)
        rows = torch.cat([of_labelled.next()[rank::world], of_unlabelled.next()[rank::world]])
        seen, shown = views(train.inputs[rows], True)
        targets = task.encode(train.given[rows]).to(device)
        factor = hint_factor(step / steps, recipe["weighting"]["knobs"])
        # Early-stopped distillation: the labels alone, with weight 1.
        distils = step / steps < schedule["distilUntil"] / 100 or schedule["distilUntil"] == 100
        factor = factor if distils else 0
        wanted = {key: entry["weight"] * factor for key, entry in zip(description["hintKeys"], recipe["hints"])}
        model.train()
        trace = teacher(shown) if teacher else no_teacher(len(rows), task.outputs, device)
        output, losses = model(seen, trace, targets)
        factors = balance.factors(wanted, losses)
        label_weight = recipe["objective"]["ceWeight"] if distils else 1
        total, parts = objective(task, output, losses, targets, factors, label_weight)
        balance.observe(losses)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        if not math.isfinite(total.item()):
            raise SystemExit(f"The loss is no longer a number at step {step + 1}: lower the learning rate.")
        last = step + 1 == steps
        if rank == 0 and ((step + 1) % max(1, steps // 20) == 0 or last):
            listed = "  ".join(f"{key} {value.item():.4g}" for key, value in parts.items())
            now = task.text(score_of(learner.student, test, task, views))
            print(f"step {step + 1}/{steps}  total {total.item():.4g}  {listed}  test {task.name} {now}", flush=True)

    if rank == 0:
        about = dict(description["metadata"])
        is_low = any("rounding" in step or step["kind"] == "roundedRelu" for step in description["student"]["nodes"])
        if is_low:
            about["precision"] = "low"
        weights.save(args.out, learner.student.state_dict(), about)
        if is_low:
            print(f"The student is in {args.out}, in full precision; network.py rounds it as it is used.")
        else:
            teaches = " On the page it can teach: choose a file under “Who teaches”." if description["teachesHere"] else ""
            print(f"The student is in {args.out}.{teaches}")
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
