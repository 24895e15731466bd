"""WHO: residents, officials, grid workers, social organizations – their state, their rules, their views."""
