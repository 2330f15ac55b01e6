"""The real model, loaded once; converted once for all runs into var/models."""

from pathlib import Path

import pytest

from grader.encoder import ModelEncoder
from grader.engine import Engine
from grader.judge import load_judge
from grader.learned import load_weights
from rubrics.model import FollowUp, KeyPoint, Misconception, Rubric

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def model() -> ModelEncoder:
    return ModelEncoder.load("", "auto", "auto", ROOT / "var" / "models")


@pytest.fixture(scope="session")
def engine(model: ModelEncoder) -> Engine:
    return Engine(model, load_weights(), judge=load_judge("", "auto", "auto", ROOT / "var" / "models"))


@pytest.fixture(scope="session")
def precise() -> Engine:
    """In fp32, whose marks differ least from machine to machine."""
    return Engine.load(precision="fp32", cache_dir=ROOT / "var" / "models")


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return Rubric(
        id="photosynthesis",
        question="How do plants make their food, and what do they need for it?",
        reference_answer=(
            "Plants turn light into chemical energy inside their chloroplasts. They take in carbon dioxide from the "
            "air and water from the soil, and build sugar from them. Oxygen is given off as a by-product."
        ),
        key_points=(
            KeyPoint(
                id="light-energy",
                statement="Light provides the energy that drives the reaction.",
                weight=2,
                required=True,
                says=("the sun powers the whole thing", "it runs on sunlight, in the dark it stops"),
                denies=("the reaction needs no light at all", "plants do it only in the dark"),
                near=("leaves are usually green", "plants grow towards the window"),
                missed="Ask what stops when you put the plant in a cupboard.",
            ),
            KeyPoint(
                id="oxygen-released",
                statement="Oxygen is given off as a by-product.",
                says=("the plant lets out oxygen", "what we breathe is its waste gas"),
                denies=("the plant uses up oxygen and gives off carbon dioxide", "no gas ever leaves the leaf"),
                near=("animals need oxygen to live", "air contains oxygen and nitrogen"),
                missed="Think of the gas in the bubbles on pond weed.",
            ),
            KeyPoint(
                id="sugar-made",
                statement="Sugar is built from carbon dioxide and water.",
                weight=2,
                says=("it makes glucose out of water and CO2", "carbon dioxide plus water become sugar"),
                denies=("sugar is split into carbon dioxide and water", "the sugar comes out of the soil"),
                near=("sugar is stored as starch", "water moves up the stem"),
            ),
        ),
        misconceptions=(
            Misconception(
                id="food-from-soil",
                statement="Plants get their food from the soil.",
                says=("the roots eat nutrients and that is what the plant feeds on",),
                correction="Soil gives water and minerals; the food itself is made in the leaves.",
                penalty=1.0,
            ),
        ),
        follow_ups=(FollowUp("Where does the oxygen come from?", ("oxygen-released",)),),
    )
