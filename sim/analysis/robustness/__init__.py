"""Does an answer hold: criteria and their margins, critical values of an unknown, paths of overload, draws."""
