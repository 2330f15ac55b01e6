#!/usr/bin/env bash
# Runs the first stage of the Dockerfile (its COPY, pip and python steps) in a scratch folder, then the command that the
# image starts, with the model that the image holds. Needs no Docker. TORCH_INDEX overrides the build argument of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/app" "$work/python" "$work/opt"
ln -s "$(command -v "${PYTHON:-python3}")" "$work/python/python"
export PATH="$work/opt/grader/bin:$work/python:$PATH" PIP_NO_CACHE_DIR=1 PIP_QUIET=1
export TORCH_INDEX=${TORCH_INDEX:-$(sed -n 's/^ARG TORCH_INDEX=//p' Dockerfile)}

stages=0
while IFS= read -r line; do
    line=${line//\/opt\//$work/opt/}
    case $line in
        "FROM "*)
            stages=$((stages + 1))
            if [ "$stages" -gt 1 ]; then break; fi
            ;;
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
mkdir data
mv opt/models data/models
export GRADER_DATA_DIR="$work/data"
grader --help >/dev/null
grader rubrics list >/dev/null
grader doctor
echo "The Dockerfile's steps work from $root."
