"""Data loaders and data sets: every item is like the first, so one stands for all.

loader = DataLoader(TensorDataset(X, y), batch_size=64)
for xb, yb in loader:        xb: (N, 20), yb: (N,)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archlint.dims import Size, var
from archlint.interp.data import arrays
from archlint.interp.evaluator import Evaluator
from archlint.interp.python import functions, iterate
from archlint.interp.python.arguments import Arguments
from archlint.interp.python.frame import Frame, UserRaise
from archlint.text import Span
from archlint.values import Array, Batches, Builtin, ListValue, Method, Object, Reason, Tensor, Unknown, as_size

Call = Callable[[Evaluator, Frame, Arguments], Any]
_SAME = frozenset(["shuffle", "repeat", "prefetch", "cache", "with_options", "as_numpy_iterator"])
_SOME = frozenset(["take", "skip", "filter", "shard"])


def each(ev: Evaluator, batches: Batches, where: Span) -> Any:
    """One item as the loop sees it: tensors of the loader's framework, entry tensors of what they are given to."""
    return _item(ev, batches.item, batches.framework, where)


def _item(ev: Evaluator, value: Any, framework: str, where: Span) -> Any:
    if isinstance(value, tuple):
        return tuple(_item(ev, v, framework, where) for v in value)
    if isinstance(value, ListValue) and value.items is not None:
        return ListValue([_item(ev, v, framework, where) for v in value.items])
    if not isinstance(value, Array) or framework == "numpy" or value.shape is None:
        return Unknown(Reason.DATA, "a batch", where) if isinstance(value, Array) and framework != "numpy" else value
    entry = ev.new_entry("batch", value.made or where, framework, declared=True)
    if entry.entry is not None:
        ev.bind_entry(entry.entry, value.shape, ("batch",) + ("",) * len(value.shape[1:]), "example")
    return ev.refresh(entry)


def data(ev: Evaluator, value: Any, where: Span) -> Array | None:
    """The form of an array or of a tensor that holds data."""
    if isinstance(value, Tensor):
        value = ev.refresh(value)
        return None if value.shape is None else Array(value.shape, value.dtype, made=where)
    return arrays.array(value) if isinstance(value, (Array, ListValue)) else None


def _row(value: Array) -> Any:
    """One sample of an array of samples."""
    if not value.shape:
        return Unknown(Reason.DATA, "a sample", value.made)
    return Array(value.shape[1:], value.dtype, made=value.made)


def _tensor_dataset(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`TensorDataset(X, y)`."""
    found = [data(ev, v, arguments.span) for v in arguments.positional]
    known = [f for f in found if f is not None and f.shape]
    if arguments.open or len(known) < len(found) or not known:
        return Unknown(Reason.DATA, "a data set", arguments.span)
    rows = known[0].shape[0] if known[0].shape else None
    return Batches(tuple(_row(f) for f in known), rows, "torch")


def batched(ev: Evaluator, item: Any, count: Size) -> Any:
    """Samples put together: an axis in front of every array, a number becomes a row of them."""
    if isinstance(item, tuple):
        return tuple(batched(ev, v, count) for v in item)
    if isinstance(item, ListValue) and item.items is not None:
        return ListValue([batched(ev, v, count) for v in item.items])
    if isinstance(item, Array):
        return Array(None if item.shape is None else (count, *item.shape), item.dtype, made=item.made)
    return item


def _batch_axis(ev: Evaluator, size: Any, length: Size, whole: Any) -> Size:
    """Size of a batch: the last one is smaller unless the length divides or it is dropped."""
    count = as_size(size)
    if isinstance(count, int) and (whole is True or (isinstance(length, int) and length % count == 0)):
        return count
    return ev.symbol("N")


def _data_loader(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`DataLoader(dataset, batch_size=64, shuffle=True)`; torch puts samples together on a new axis in front."""
    dataset, size = arguments.get(0, "dataset"), arguments.get(1, "batch_size", 1)
    if isinstance(dataset, Object):
        dataset = _of_class(ev, dataset, arguments.span)
    own = any(arguments.keywords.get(n) is not None for n in ("collate_fn", "batch_sampler", "sampler"))
    if arguments.open or own or len(arguments.positional) > 3 or not isinstance(dataset, Batches) or size is None:
        return Unknown(Reason.DATA, "a data loader", arguments.span)
    axis = _batch_axis(ev, size, dataset.length, arguments.keywords.get("drop_last", False))
    return Batches(_collated(batched(ev, dataset.item, axis)), None, "torch")


def _of_class(ev: Evaluator, dataset: Object, where: Span) -> Batches | None:
    """A user's `Dataset`: what its `__getitem__` gives for some number."""
    found = functions.method(dataset, "__getitem__")
    if found is None or ev.branches:
        return None
    length = functions.method(dataset, "__len__")
    try:
        given = functions.invoke(ev, found[0], Arguments([dataset, var("index")], {}, where), dataset)
        count = None if length is None else functions.invoke(ev, length[0], Arguments([dataset], {}, where), dataset)
    except UserRaise:
        return None
    return Batches(_sample(ev, given, where), as_size(count), "torch")


def _sample(ev: Evaluator, value: Any, where: Span) -> Any:
    """One sample as the loader takes it: tensors and arrays by their form, numbers as arrays without axes."""
    if isinstance(value, tuple):
        return tuple(_sample(ev, v, where) for v in value)
    if isinstance(value, (int, float)) or (isinstance(value, Unknown) and value.number):
        return Array((), made=where)
    given = data(ev, value, where) if isinstance(value, (Tensor, Array)) else None
    return Unknown(Reason.DATA, "a sample", where) if given is None else given


def _collated(item: Any) -> Any:
    """torch's loader gives a list for the parts of a sample."""
    return ListValue([_collated(v) for v in item]) if isinstance(item, tuple) else item


def _random_split(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`train, val = random_split(dataset, [800, 200])`."""
    dataset, lengths = arguments.get(0, "dataset"), iterate.items(ev, arguments.get(1, "lengths"))
    if not isinstance(dataset, Batches) or isinstance(lengths, Unknown):
        return Unknown(Reason.DATA, "a split", arguments.span)
    counts = [n if isinstance(n, int) and not isinstance(n, bool) else None for n in lengths]
    return ListValue([Batches(dataset.item, n, dataset.framework) for n in counts])


def _subset(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    dataset = arguments.get(0, "dataset")
    if not isinstance(dataset, Batches):
        return Unknown(Reason.DATA, "a data set", arguments.span)
    return Batches(dataset.item, None, dataset.framework)


def _from_tensor_slices(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tf.data.Dataset.from_tensor_slices((x, y))`."""
    given = arguments.get(0, "tensors")
    parts = list(given) if isinstance(given, tuple) else [given]
    found = [data(ev, v, arguments.span) for v in parts]
    known = [f for f in found if f is not None and f.shape]
    if len(known) < len(parts) or not known:
        return Unknown(Reason.DATA, "a data set", arguments.span)
    item = tuple(_row(f) for f in known)
    rows = known[0].shape[0] if known[0].shape else None
    return Batches(item if isinstance(given, tuple) else item[0], rows, "tf")


def attribute(ev: Evaluator, value: Batches, name: str, where: Span) -> Any:
    """A method of a data set; what else it has is not known."""
    methods = (*_SAME, *_SOME, "batch", "map", "next", "unbatch", "get_next", "make_one_shot_iterator")
    return Method(value, f"batches.{name}") if name in methods else Unknown(Reason.DATA, name, where)


def method(ev: Evaluator, value: Batches, name: str, arguments: Arguments) -> Any:
    """`dataset.shuffle(1000).batch(32)`."""
    if name in _SAME:
        return Batches(value.item, value.length if name != "repeat" else None, value.framework)
    if name in _SOME:
        return Batches(value.item, None, value.framework)
    if name == "batch":
        whole = arguments.get(1, "drop_remainder", False)
        axis = _batch_axis(ev, arguments.get(0, "batch_size"), value.length, whole)
        return Batches(batched(ev, value.item, axis), None, value.framework)
    if name in ("next", "get_next"):
        return each(ev, value, arguments.span)
    return Unknown(Reason.DATA, f"a data set's {name}", arguments.span)


def get(ev: Evaluator, value: Batches, index: Any, where: Span) -> Any:
    """`dataset[0]`."""
    return each(ev, value, where) if isinstance(index, (int, Unknown)) else Unknown(Reason.DATA, "a part", where)


def _image_generator(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`ImageDataGenerator(rescale=1/255.)`: a source of batches of pictures."""
    flows = {"flow": Builtin("flow", _flow), "flow_from_directory": Builtin("flow_from_directory", _from_directory)}
    flows["flow_from_dataframe"] = Builtin("flow_from_dataframe", _from_frame)
    flows["fit"] = Builtin("fit", lambda ev, frame, given: None)
    return Object(None, "", {**flows}, ev.serial(), arguments.span)


def _flow(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`datagen.flow(x_train, y_train, batch_size=32)`."""
    x, y = (data(ev, arguments.get(i, n), arguments.span) for i, n in ((0, "x"), (1, "y")))
    labelled = arguments.get(1, "y") is not None
    if x is None or x.shape is None or arguments.open or arguments.keywords.get("sample_weight") is not None:
        return Unknown(Reason.DATA, "a generator", arguments.span)
    count = ev.symbol("N")
    item: Any = Array((count, *x.shape[1:]), "float32", made=x.made)
    if labelled:
        labels = Array((count, *y.shape[1:]), y.dtype, y.contents, y.made) if y is not None and y.shape else None
        item = (item, labels if labels is not None else Unknown(Reason.DATA, "labels", arguments.span))
    return Batches(item, None, "numpy")


def _from_directory(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`datagen.flow_from_directory("train", target_size=(150, 150), class_mode="binary")`."""
    size = iterate.items(ev, arguments.get(1, "target_size", (256, 256)))
    mode, classes = arguments.get(4, "class_mode", "categorical"), arguments.get(3, "classes")
    return _pictures(ev, arguments, size, arguments.get(2, "color_mode", "rgb"), mode, classes)


def _from_frame(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`datagen.flow_from_dataframe(df, x_col="file", y_col="label", target_size=(150, 150))`."""
    size = iterate.items(ev, arguments.keywords.get("target_size", (256, 256)))
    mode = arguments.keywords.get("class_mode", "categorical")
    color = arguments.keywords.get("color_mode", "rgb")
    if arguments.keywords.get("weight_col") is not None or len(arguments.positional) > 4:
        return Unknown(Reason.DATA, "a generator", arguments.span)
    return _pictures(ev, arguments, size, color, mode, arguments.keywords.get("classes"))


def _pictures(ev: Evaluator, arguments: Arguments, size: Any, color: Any, mode: Any, classes: Any) -> Any:
    channels = {"rgb": 3, "rgba": 4, "grayscale": 1}.get(color) if isinstance(color, str) else None
    if arguments.open or isinstance(size, Unknown) or len(size) != 2 or channels is None:
        return Unknown(Reason.DATA, "a generator", arguments.span)
    count, where = ev.symbol("N"), arguments.span
    names = iterate.items(ev, classes) if classes is not None else None
    known = len(names) if isinstance(names, list) and names else None
    space = tuple(as_size(s) for s in size)
    shape = (count, channels, *space) if ev.data_format == "channels_first" else (count, *space, channels)
    picture = Array(shape, "float32", made=where)
    labels = {"binary": (count,), "sparse": (count,), "int": (count,), "categorical": (count, known), "input": shape}
    if mode is None:
        return Batches(picture, None, "numpy")
    if not isinstance(mode, str) or mode not in labels:
        return Batches((picture, Unknown(Reason.DATA, "labels", where)), None, "numpy")
    return Batches((picture, Array(labels[mode], "float32", made=where)), None, "numpy")


def _image_dataset(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`image_dataset_from_directory("train", image_size=(180, 180))`."""
    given = arguments.keywords
    mode = arguments.get(2, "label_mode", "int")
    size = iterate.items(ev, given.get("image_size", (256, 256)))
    if len(arguments.positional) > 3 or given.get("batch_size", 32) is None or given.get("subset") == "both":
        return Unknown(Reason.DATA, "a data set", arguments.span)
    mode = {"binary": "binary column"}.get(mode, mode) if isinstance(mode, str) else mode
    found = _pictures(ev, arguments, size, given.get("color_mode", "rgb"), mode, given.get("class_names"))
    if isinstance(found, Batches) and mode == "binary column" and isinstance(found.item, tuple):
        picture = found.item[0]
        return Batches((picture, Array((picture.shape[0], 1), "float32", made=arguments.span)), None, "tf")
    return Batches(found.item, None, "tf") if isinstance(found, Batches) else found


def passed_on(ev: Evaluator, frame: Frame, arguments: Arguments) -> Any:
    """`tqdm(loader)`: what goes in comes out."""
    return arguments.positional[0] if arguments.positional else Unknown(Reason.EXTERNAL, "tqdm", arguments.span)


HANDLERS: dict[str, Call] = {
    "torch.utils.data.TensorDataset": _tensor_dataset,
    "torch.utils.data.DataLoader": _data_loader,
    "torch.utils.data.dataloader.DataLoader": _data_loader,
    "torch.utils.data.random_split": _random_split,
    "torch.utils.data.Subset": _subset,
    "tensorflow.data.Dataset.from_tensor_slices": _from_tensor_slices,
    **dict.fromkeys(("keras.preprocessing.image.ImageDataGenerator",
                     "keras.legacy.preprocessing.image.ImageDataGenerator"), _image_generator),
    **dict.fromkeys(("keras.utils.image_dataset_from_directory",
                     "keras.preprocessing.image_dataset_from_directory"), _image_dataset),
    **dict.fromkeys(("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook"), passed_on),
}  # fmt: skip
