"""backtest-consumer: makes one running backtest of a request in the queue, and a job that people can read."""
