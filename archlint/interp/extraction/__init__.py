"""From a session's nodes and objects to models as rules see them."""
