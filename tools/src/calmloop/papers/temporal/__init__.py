"""LSTM with attention over time, for an expression that changes: the paper on athletes' motion."""
