"""HOW: demand, routing, queues, the compiled day, the ledgers."""
