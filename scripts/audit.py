"""Known weaknesses of the pinned packages: `python -m scripts.audit`. Where their list can't be had, it says so."""

import json
import subprocess
import sys


def main() -> int:
    """0: no weakness is known, or nothing could be asked; 1: some are, and they are listed."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", "constraints.txt", "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(f"pip-audit skipped: {(done.stderr.strip().splitlines() or ['no answer'])[-1][:150]}")
        return 0
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print("pip-audit skipped: the list of known weaknesses can't be reached from here")
        return 0
    weak = [package for package in asked if package["vulns"]]
    for package in weak:
        for weakness in package["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}")
    print(f"pip-audit: {len(weak)} of {len(asked)} packages with known weaknesses")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
