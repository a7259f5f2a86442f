"""Which sentences of the news report, opine or speculate, in the writer's own voice."""
