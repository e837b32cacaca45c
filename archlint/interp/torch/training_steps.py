"""What Lightning runs besides a module's forward: the step that holds its output against the labels.

def training_step(self, batch, batch_idx):
    x, y = batch
    return F.cross_entropy(self(x), y)
"""

from __future__ import annotations

from archlint.interp.budget import BudgetExceeded
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import UserRaise
from archlint.interp.slips import returns
from archlint.layers import canonical
from archlint.values import External, Object, Reason, Unknown

_LIGHTNING = "LightningModule"


def run(ev: Evaluator, made: Object) -> None:
    """Evaluate `training_step` of a Lightning module on a batch of which nothing is known.

    What it gives up on is no news of the model, which its forward has shown.
    """
    if made.cls is None or not any(
        isinstance(b, External) and b.name.rpartition(".")[2] == _LIGHTNING for b in made.cls.mro
    ):
        return
    found = functions.method(made, "training_step")
    if found is None or canonical(made.kind) != "torch.nn.Module":
        return
    session, wanted, stops = ev.session, ev.wanted, len(ev.session.stops)
    ev.wanted = {}
    batch = Unknown(Reason.DATA, "batch", made.span)
    number = Unknown(Reason.DATA, "batch_idx", made.span, number=True, whole=True)
    count = len(functions.unwrapped(found[0]).node.params) - 1
    try:
        loss = functions.invoke(ev, found[0], Arguments([made, *[batch, number][:count]], {}, made.span), made)
        if loss is None:
            returns.of_step(ev, made, functions.unwrapped(found[0]))
    except (UserRaise, BudgetExceeded, RecursionError):
        pass
    finally:
        ev.wanted = wanted
        del session.stops[stops:]
