"""`make demo`: watch calls get through a full gateway, or read why they cannot."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
