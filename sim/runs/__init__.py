"""MANY: run one, run many, keep what came out, run it again."""
