"""The rules that come with archlint, by family.

A rule is a module and a Markdown page of the same stem: adding the two files is all there is to it.
"""
