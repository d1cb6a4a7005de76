"""sqs-consumer: makes one run of a model's retraining of a message in the queue, at most one a model."""
