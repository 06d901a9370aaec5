"""Measurements that documents cite, each a command."""
