"""Looks a gateway over: address, key, models, balance, what works, and how much it takes.

``survey`` asks one thing after the other and stops where nothing more can work; each of
``address``, ``identity``, ``models``, ``balance``, ``capabilities`` and ``load`` knows one of them;
``outcome`` is what they report in; ``form`` says what to type into Dify.
"""
