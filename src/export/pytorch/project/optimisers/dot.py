"""DOT: an optimiser that keeps the momentum of labels and distillation apart (Zhao et al. 2023)."""

import torch

MOST_MOMENTUM = 0.99


class Descent:
    """Plain SGD with a buffer for the labels, of less momentum, and one for the distillation, of more."""

    def __init__(self, schedule, parameters, processes):
        self.schedule, self.parameters, self.processes = schedule, list(parameters), processes
        self.reset()

    def reset(self):
        self.buffers = {}

    def state_dict(self):
        place = {parameter: i for i, parameter in enumerate(self.parameters)}
        return {"buffers": [(which, place[parameter], buffer) for (which, parameter), buffer in self.buffers.items()]}

    def load_state_dict(self, state):
        self.buffers = {(which, self.parameters[i]): buffer.to(self.parameters[i].device) for which, i, buffer in state["buffers"]}

    def step(self, labels, hints, rate):
        own = self._gradients(labels, hints is not None)
        other = [None] * len(own) if hints is None else self._gradients(hints, False)
        momentum, delta, decay = (self.schedule[key] for key in ("momentum", "delta", "weightDecay"))
        with torch.no_grad():
            for parameter, a, b in zip(self.parameters, own, other):
                if a is not None and b is not None:
                    start = parameter.clone()
                    self._move(parameter, "labels", a + decay * start, momentum - delta, rate)
                    self._move(parameter, "hints", b, momentum + delta, rate)
                elif a is not None or b is not None:
                    which = "labels" if b is None else "hints"
                    self._move(parameter, which, (a if b is None else b) + decay * parameter, momentum, rate)

    def _gradients(self, loss, retain):
        """Of one part of the objective, which DistributedDataParallel would join with the other."""
        return self.processes.average(torch.autograd.grad(loss, self.parameters, retain_graph=retain, allow_unused=True))

    def _move(self, parameter, which, gradient, momentum, rate):
        key = (which, parameter)
        buffer = self.buffers.get(key)
        momentum = min(max(momentum, 0), MOST_MOMENTUM)
        self.buffers[key] = gradient.clone() if buffer is None else buffer.mul_(momentum).add_(gradient)
        parameter.sub_(self.buffers[key], alpha=rate)
