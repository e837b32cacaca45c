"""Interfaces that are gone."""
