"""Normalisation of TF-slim.  The activation that may follow is a step of its own: see `slim.POST_STEPS`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlint.dims import add
from archlint.layers.arguments import size, truth
from archlint.layers.families.contract import rank_fault
from archlint.layers.families.norm import channel_norm, count, trailing_norm
from archlint.layers.families.norm import group_norm as grouped
from archlint.layers.keras.reading import adding, must_be_fixed
from archlint.layers.spec import Fault, Out, function
from archlint.layers.tf import layout, literal
from archlint.values import External, ListValue


@function("tf_slim.batch_norm", family="norm", weights=True)
def batch_norm(
    inputs: Any,
    decay: Any = 0.999,
    center: Any = True,
    scale: Any = False,
    epsilon: Any = 0.001,
    activation_fn: Any = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = "update_ops",
    is_training: Any = True,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    batch_weights: Any = None,
    fused: Any = None,
    data_format: Any = "NHWC",
    zero_debias_moving_mean: Any = False,
    scope: Any = None,
    renorm: Any = False,
    renorm_clipping: Any = None,
    renorm_decay: Any = 0.99,
    adjustment: Any = None,
) -> Out:
    """Batch normalisation: a shift but no scale by default, and two running statistics."""
    x = literal.tensor(inputs)
    axis = -1 if layout.channels_last(data_format) else 1
    owned = (truth(scale), truth(center))
    out = channel_norm(x, axis=axis, affine=owned, tracked=True)
    if truth(renorm) is not False:
        out = replace(out, state=None)  # renormalisation keeps further statistics
    if _named_trainable(variables_collections):
        out = replace(out, params=add(out.params, out.state), state=0)
    return adding(layout.trained(out, trainable), must_be_fixed(x, [axis]))


def _named_trainable(collections: Any) -> bool:
    """`variables_collections: [tf.GraphKeys.TRAINABLE_VARIABLES]` puts the running statistics among what is trained."""
    found = collections.items if isinstance(collections, ListValue) else collections
    if not isinstance(found, (list, tuple)):
        return False
    names = [item.name if isinstance(item, External) else item for item in found]
    return any(isinstance(name, str) and name.lower().endswith("trainable_variables") for name in names)


@function("tf_slim.instance_norm", family="norm", weights=True)
def instance_norm(
    inputs: Any,
    center: Any = True,
    scale: Any = True,
    epsilon: Any = 1e-6,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    data_format: Any = "NHWC",
    scope: Any = None,
) -> Out:
    """Every channel of every sample normalised over its positions."""
    x, axis = literal.tensor(inputs), -1 if layout.channels_last(data_format) else 1
    if x.shape is not None and len(x.shape) < 2:
        return Out(faults=rank_fault(x, 4, (2, 3, 4, 5)))
    owned = (truth(scale), truth(center))
    out = channel_norm(x, axis=axis, affine=owned, tracked=False)
    return adding(layout.trained(out, trainable), must_be_fixed(x, [axis]))


@function("tf_slim.layer_norm", family="norm", weights=True)
def layer_norm(
    inputs: Any,
    center: Any = True,
    scale: Any = True,
    activation_fn: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    begin_norm_axis: Any = 1,
    begin_params_axis: Any = -1,
    scope: Any = None,
) -> Out:
    """Every sample normalised over all its axes; scale and shift for the last axis alone, unless stated otherwise."""
    x, first, owner = literal.tensor(inputs), literal.integer(begin_norm_axis), literal.integer(begin_params_axis)
    owned = (truth(scale), truth(center))
    if x.shape is None:
        params = count(x.last, *owned) if owner == -1 else None
        return layout.trained(Out(None, params, like_input=True, last=x.last), trainable)
    rank = len(x.shape)
    for arg, axis in (("begin_norm_axis", first), ("begin_params_axis", owner)):
        if axis >= rank:
            return Out(faults=(Fault("axis", arg, f"axis {axis} does not exist in {rank} axes", rank, axis),))
    sizes = x.shape[owner:]
    out = trailing_norm(x, shape=sizes, owned=owned)
    out = replace(out, demand=None)  # it takes what it is given
    return adding(layout.trained(out, trainable), must_be_fixed(x, range(rank - len(sizes), rank)))


@function("tf_slim.group_norm", family="norm", weights=True)
def group_norm(
    inputs: Any,
    groups: Any = 32,
    channels_axis: Any = -1,
    reduction_axes: Any = (-3, -2),
    center: Any = True,
    scale: Any = True,
    epsilon: Any = 1e-6,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    scope: Any = None,
    mean_close_to_zero: Any = False,
) -> Out:
    """Groups of channels normalised together; they must divide the channels."""
    x, axis, reduced = literal.tensor(inputs), literal.integer(channels_axis), literal.integers(reduction_axes)
    owned = (truth(scale), truth(center))
    out = grouped(x, groups=size(groups), axis=axis, affine=owned, group_arg="groups")
    if x.shape is not None:
        rank = len(x.shape)
        for a in reduced:
            if not -rank <= a < rank or a % rank == axis % rank:
                fault = Fault("axis", "reduction_axes", f"axis {a} is not another axis of {rank}", rank, a)
                return Out(None, out.params, faults=(fault,))
    return adding(layout.trained(out, trainable), must_be_fixed(x, [axis, *reduced]))
