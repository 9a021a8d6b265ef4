"""From a pasted text to the report that a support engineer would write.

``pasted`` takes the text in and keeps what may matter of it, ``layers`` takes Dify's and the
daemon's wrapping off, ``prose`` reads what is no whole JSON, ``judge`` decides what is a gateway's
error, ``phrases`` translates its words, ``report`` puts together what there is to say, and
``screen`` prints it.
"""
