"""The life of a job: arrival, queue, running, telling. No Discord, no SQL."""
