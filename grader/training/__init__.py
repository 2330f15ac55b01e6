"""The recipe that makes grader/weights/: `python -m grader.training --data FOLDER`."""
