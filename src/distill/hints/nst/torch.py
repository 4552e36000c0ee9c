"""NST: Huang and Wang 2017, polynomial kernel."""

from .base import Hint, match_sides, pair_stages, unit_rows


def stage_losses(student, teacher):
    def kernel(x, y):
        return (x @ y.transpose(1, 2)).square().mean((1, 2))

    s, t = (unit_rows(maps.flatten(2)) for maps in match_sides(student, teacher))
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)


class Loss(Hint):
    def losses(self, student, teacher, batch):
        pairs = pair_stages(len(student["stages"]), len(teacher["stages"]))
        return sum(stage_losses(student["stages"][s], teacher["stages"][t]) for s, t in pairs)
