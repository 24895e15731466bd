"""So what: paired comparison of options, and the split of a difference in labour into its causes."""
