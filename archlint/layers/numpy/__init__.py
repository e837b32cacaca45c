"""What numpy's functions do to shapes; numpy itself is never imported."""
