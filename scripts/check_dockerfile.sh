#!/usr/bin/env bash
# Runs the Dockerfile's COPY and pip steps in a clean virtual environment, then the command that the image starts.
# Needs no Docker. TORCH_INDEX overrides the build argument of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/venv"
mkdir "$work/app"
export PATH="$work/venv/bin:$PATH" PIP_NO_CACHE_DIR=1 PIP_QUIET=1
export TORCH_INDEX=${TORCH_INDEX:-$(sed -n 's/^ARG TORCH_INDEX=//p' Dockerfile)}

while IFS= read -r line; do
    case $line in
        "COPY "*)
            read -ra words <<<"${line#COPY }"
            mkdir -p "$work/app/${words[-1]}"
            for source in "${words[@]:0:${#words[@]}-1}"; do
                if [ -d "$source" ]; then cp -r "$source/." "$work/app/${words[-1]}"; else cp "$source" "$work/app/${words[-1]}"; fi
            done
            ;;
        "RUN pip "* | "RUN python "*)
            echo "+ ${line#RUN }"
            (cd "$work/app" && bash -euo pipefail -c "${line#RUN }")
            ;;
    esac
done <Dockerfile

cd "$work"
rm -rf app
export GRADER_DATA_DIR="$work/data"
grader --help >/dev/null
grader rubrics list >/dev/null
grader doctor
echo "The Dockerfile's steps work from $root."
