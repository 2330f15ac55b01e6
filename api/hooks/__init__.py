"""Sending to addresses that strangers named: which ones, how, and what is told."""
