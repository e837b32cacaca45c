"""What a configuration means for one file: its options, and whether it is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from archlint.configuration.models import ConfiguredModel, models_of, setups
from archlint.configuration.rule_settings import refuse_unknown_rules, rule_settings
from archlint.configuration.settings import Configuration, Settings, Stated
from archlint.discover import NEVER, Wanted
from archlint.options import Options, RunOptions, Selectors
from archlint.patterns import Pattern, covers

EVERY = "ALL"


def run_options(configuration: Configuration, whole: Options) -> RunOptions:
    """The options of a run.  Nothing is held against rules before the options of a file are asked for.

    whole: what the command line says that no key of the configuration does (inputs, threshold).
    """
    by_file = ByFile(configuration, whole)
    return RunOptions(whole, by_file.options, by_file.key, by_file.ignored)


def options_without_rules(configuration: Configuration, whole: Options) -> RunOptions:
    """The options of a run that runs no rules: nothing is held against them, nor are they loaded."""
    by_file = ByFile(configuration, whole)
    return RunOptions(whole, by_file.stated, by_file.key, by_file.ignored)


@dataclass(slots=True)
class Place:
    """What one configuration states, apart from what it states of single files.

    base: the options there, not yet held against the rules.
    """

    settings: Settings
    base: Options
    ignores: dict[str, Stated]
    models: tuple[ConfiguredModel, ...]
    wanted: Wanted
    rest: str

    @classmethod
    def of(cls, settings: Settings, whole: Options, rest: str) -> Place:
        """The place where some settings hold.  Raises ConfigurationError for models that cannot be read."""
        return cls(
            settings, options_of(settings, whole), settings.table("per-file-ignores"), models_of(settings),
            wanted_of(settings), repr((rest, [one.value for one in settings.everywhere("rules")])),
        )  # fmt: skip

    def of_file(self, path: str) -> Options:
        """The options of a file (absolute path)."""
        ignored = [one.value for pattern, one in self.ignores.items() if _means(pattern, one.folder, path)]
        models = setups(self.models, path) if self.models else {}
        if not ignored and not models:
            return self.base
        return replace(self.base, file_ignore=tuple(code for codes in ignored for code in codes), models=models)


@dataclass(slots=True)
class ByFile:
    """The options of files, made once for all files to which the same applies."""

    configuration: Configuration
    whole: Options
    _places: dict[int, Place] = field(default_factory=dict)
    _keys: dict[int, str] = field(default_factory=dict)
    _stated: dict[str, Options] = field(default_factory=dict)
    _checked: dict[str, Options] = field(default_factory=dict)

    def options(self, path: str) -> Options:
        """What applies to a file, held against the rules."""
        key = self.key(path)
        if key not in self._checked:
            settings = self._place(path).settings
            self._checked[key] = replace(self.stated(path), settings=_of_rules(settings))
        return self._checked[key]

    def key(self, path: str) -> str:
        """A text that is equal for files to which the same applies."""
        raw = self.stated(path)
        if id(raw) not in self._keys:
            self._keys[id(raw)] = f"{raw!r} {self._place(path).rest}"
        return self._keys[id(raw)]

    def ignored(self, path: str) -> tuple[str, ...]:
        """Rules whose findings are not wanted in a file, whatever model they are about: all, if it is excluded."""
        out = excluded(self._place(path).wanted, os.path.abspath(path))
        return (EVERY,) if out else self.stated(path).file_ignore

    def stated(self, path: str) -> Options:
        """What applies to a file, but for the settings of rules."""
        if path not in self._stated:
            self._stated[path] = self._place(path).of_file(os.path.abspath(path))
        return self._stated[path]

    def _place(self, path: str) -> Place:
        settings = self.configuration.at(os.path.dirname(os.path.abspath(path)))
        if id(settings) not in self._places:
            self._places[id(settings)] = Place.of(settings, self.whole, repr(roots(self.configuration)))
        return self._places[id(settings)]


def _of_rules(settings: Settings) -> Mapping[str, Mapping[str, object]]:
    from archlint.rule import rules

    known = rules()
    refuse_unknown_rules(settings, known)
    return rule_settings(settings, known)


def options_of(settings: Settings, whole: Options) -> Options:
    """What the settings state of every file, except for the settings of rules."""
    layers = [
        Selectors(
            tuple(layer.values.get("select", ())),
            tuple(layer.values.get("ignore", ())),
            tuple(layer.values.get("extend-select", ())),
        )
        for layer in settings.layers
    ]
    return replace(
        whole,
        below=(*(one for one in layers if one != Selectors()), *whole.below),
        severities={selector: stated.value for selector, stated in settings.table("severity").items()},
        fixable=tuple(settings.get("fixable")),
        unfixable=tuple(settings.get("unfixable")),
        noqa=settings.get("respect-noqa"),
        frameworks=tuple(settings.get("frameworks")),
        keras=settings.get("keras") or 0,
    )


def _means(pattern: str, folder: str, path: str) -> bool:
    """Does a pattern of `per-file-ignores` mean a file?  `!pattern`: every other file."""
    inverted = pattern.startswith("!")
    return covers((Pattern(pattern[inverted:], folder),), path) != inverted


def wanted_of(settings: Settings) -> Wanted:
    """Which files the settings want."""
    include, exclude = settings.stated("include"), settings.stated("exclude")
    own = exclude.origin != "default"
    patterns = [exclude] if own else []
    patterns += settings.everywhere("extend-exclude")
    return Wanted(
        include=tuple(Pattern(text, include.folder) for text in include.value),
        exclude=tuple(Pattern(text, one.folder) for one in patterns for text in one.value),
        never=frozenset({".git"}) if own else NEVER,
        force=settings.get("force-exclude"),
        gitignore=settings.get("respect-gitignore"),
        folder=settings.folder,
    )


def wanted(configuration: Configuration) -> Callable[[str], Wanted]:
    """Which files are wanted in a directory."""
    known: dict[int, Wanted] = {}

    def of_folder(folder: str) -> Wanted:
        settings = configuration.at(folder)
        if id(settings) not in known:
            known[id(settings)] = wanted_of(settings)
        return known[id(settings)]

    return of_folder


def roots(configuration: Configuration) -> tuple[str, ...]:
    """Directories that imports start from (absolute), as the configuration of this directory says."""
    src = configuration.at(os.curdir).stated("src")
    return tuple(os.path.normpath(os.path.join(src.folder, one)) for one in src.value)


def excluded(wanted: Wanted, path: str) -> bool:
    """Is a file (absolute path) excluded, by itself or by a directory that it is in?"""
    return covers(wanted.exclude, path) or wanted.never_in(path)
