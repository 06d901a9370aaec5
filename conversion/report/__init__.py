"""What a conversion did: the record, and its page."""
