"""Collects the Markdown pages as tests."""

pytest_plugins = ["page_runner"]
