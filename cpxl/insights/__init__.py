"""Insights: counts month by month, and the rolling figures that follow from them."""
