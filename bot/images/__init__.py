"""Pictures on their way in and out: the download, the store."""
