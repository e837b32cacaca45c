"""Outcomes of earlier runs, kept on disk, and whether they still hold.

    cache = open_cache(project, options, folder)
    outcome = cache.look_up("models/net.py")  # None: it must be checked
    cache.keep(outcome)
    cache.save()

An outcome holds as long as what was asked of the project while it was made is answered as it was then (`questions`),
by the same rules, the same archlint and the same options.  Nothing here imports the rules, LibCST or networkx.
"""
