"""Job queues: work that must get done."""
