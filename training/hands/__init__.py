"""Synthetic hands: characters written from stroke-order data with a parametrised pen."""
