"""Tests through the front door: command lines, HTTP requests and a real browser, on real bytes."""
