"""What `tf.contrib` had and no package has any more: with the shapes and the variables of the original.

What has not its values too is made in the name scope APPROXIMATE; a graph with that in it is not probed.
"""

from typing import Any, Dict, List

APPROXIMATE = "archlint_stand_in"


def layers(v1: Any) -> Dict[str, Any]:
    """Additions to `tf.contrib.layers`."""

    def embed_sequence(
        ids: Any,
        vocab_size: Any = None,
        embed_dim: Any = None,
        unique: bool = False,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool = True,
        scope: Any = None,
        reuse: Any = None,
    ) -> Any:
        """(N, T) indices -> (N, T, embed_dim)."""
        if not (reuse or (vocab_size and embed_dim)):
            raise ValueError("embed_sequence needs vocab_size and embed_dim, or reuse")
        with v1.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
            shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
            table = v1.get_variable(
                "embeddings", shape=shape, initializer=initializer, regularizer=regularizer, trainable=trainable
            )
            return v1.nn.embedding_lookup(table, ids)

    return {"embed_sequence": embed_sequence}


def framework(v1: Any) -> Dict[str, Any]:
    """Additions to `tf.contrib.framework`."""

    def smart_cond(pred: Any, fn1: Any, fn2: Any, name: Any = None) -> Any:
        known = v1.get_static_value(pred) if v1.is_tensor(pred) else bool(pred)
        return v1.cond(pred, fn1, fn2, name=name) if known is None else (fn1 if known else fn2)()

    return {
        "nest": v1.nest,
        "smart_cond": smart_cond,
        "smart_constant_value": v1.get_static_value,
        "is_tensor": v1.is_tensor,
        "get_name_scope": lambda: v1.get_default_graph().get_name_scope(),
        "zero_initializer": lambda ref, use_locking=True, name=None: v1.assign(ref, v1.zeros_like(ref), name=name),
    }


def training(v1: Any) -> Dict[str, Any]:
    """Additions to `tf.contrib.training`."""
    return {"HParams": HParams}


class HParams(object):
    """`tf.contrib.training.HParams`: settings as attributes."""

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **settings: Any) -> None:
        self.__dict__.update(settings)

    def values(self) -> Dict[str, Any]:
        return dict(self.__dict__)

    def add_hparam(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            raise ValueError("Hyperparameter name is reserved: %s" % name)
        self.__dict__[name] = value

    def set_hparam(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def del_hparam(self, name: str) -> None:
        self.__dict__.pop(name, None)

    def get(self, key: str, default: Any = None) -> Any:
        return self.__dict__.get(key, default)

    def override_from_dict(self, values: Dict[str, Any]) -> "HParams":
        self.__dict__.update(values)
        return self

    def parse(self, values: str) -> "HParams":
        """`units=64,rate=0.1`: each value becomes of the type that it replaces.  ValueError on anything else."""
        for item in [each for each in values.split(",") if each.strip()]:
            name, found, text = (part.strip() for part in item.partition("="))
            if not found or name not in self.__dict__:
                raise ValueError("Unknown hyperparameter: %s" % item.strip())
            old = self.__dict__[name]
            self.__dict__[name] = text.lower() in ("true", "1") if isinstance(old, bool) else type(old)(text)
        return self

    def __contains__(self, key: str) -> bool:
        return key in self.__dict__


def crf(v1: Any) -> Dict[str, Any]:
    """`tf.contrib.crf`: a tags-by-tags matrix of transitions, scores per sequence."""

    def crf_log_likelihood(
        inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None
    ) -> List[Any]:
        """(N, T, tags) scores -> (N,) log-likelihoods and the (tags, tags) transitions."""
        tags = int(inputs.get_shape().as_list()[2])
        if transition_params is None:
            transition_params = v1.get_variable("transitions", [tags, tags])
        with v1.name_scope(APPROXIMATE):
            return [v1.reduce_sum(inputs, [1, 2]) + v1.reduce_sum(transition_params), transition_params]

    def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> List[Any]:
        """(N, T, tags) scores -> (N, T) tags and (N,) scores of the best paths."""
        with v1.name_scope(APPROXIMATE):
            return [v1.argmax(potentials, 2, output_type=v1.int32), v1.reduce_sum(potentials, [1, 2])]

    def viterbi_decode(score: Any, transition_params: Any) -> List[Any]:
        """The tags of one sequence, as a list, and its score: of NumPy arrays."""
        return [[int(row.argmax()) for row in score], float(score.max(axis=1).sum())]

    return {"crf_log_likelihood": crf_log_likelihood, "crf_decode": crf_decode, "viterbi_decode": viterbi_decode}


def seq2seq(v1: Any) -> Dict[str, Any]:
    """`tf.contrib.seq2seq.sequence_loss`."""

    def sequence_loss(
        logits: Any,
        targets: Any,
        weights: Any,
        average_across_timesteps: bool = True,
        average_across_batch: bool = True,
        softmax_loss_function: Any = None,
        name: Any = None,
        **sums: Any,
    ) -> Any:
        """(N, T, classes) logits -> a scalar, or what is left of (N, T) if it is not averaged."""
        if softmax_loss_function is not None:
            losses = softmax_loss_function(labels=targets, logits=logits)
        else:
            losses = v1.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
        averaged = [axis for axis, over in ((0, average_across_batch), (1, average_across_timesteps)) if over]
        return v1.reduce_mean(losses * weights, averaged) if averaged else losses * weights

    return {"sequence_loss": sequence_loss}


def optimizers(v1: Any) -> Dict[str, Any]:
    """Optimizers of `tf.contrib.opt` that keep what Adam keeps."""

    class AdamWOptimizer(v1.train.AdamOptimizer):  # type: ignore[misc]
        def __init__(self, weight_decay: float, *args: Any, **kwargs: Any) -> None:
            super(AdamWOptimizer, self).__init__(*args, **kwargs)

    adam = v1.train.AdamOptimizer
    return {"LazyAdamOptimizer": adam, "NadamOptimizer": adam, "AdamWOptimizer": AdamWOptimizer}


def quantize() -> Dict[str, Any]:
    """`tf.contrib.quantize`: it inserts nothing that changes a shape."""

    def leave(*args: Any, **kwargs: Any) -> None:
        """The graph stays as it is."""

    names = ("create_training_graph", "create_eval_graph")
    return {prefix + name: leave for name in names for prefix in ("", "experimental_")}
