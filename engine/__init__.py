"""The engine of Resilient Gateway: gets a call through a saturated aggregation gateway.

It knows nothing of Dify. ``client`` is the way in; ``failure`` is the one place where a failed
call is understood; ``settings`` turns what a person typed into something that can be relied on.
"""
