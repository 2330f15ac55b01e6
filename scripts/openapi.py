"""Prints the service's OpenAPI description: `python -m scripts.openapi`. Starts nothing."""

import json
import sys

from api.app import create_app
from api.settings import Settings

if __name__ == "__main__":
    json.dump(create_app(Settings()).openapi(), sys.stdout)
