"""Writes the right sides of the tables of cases anew: what helm's own engine makes of the templates on the left.

cases.py HELMCASES ROWS_DIR : HELMCASES is main.go of this folder, built; the values are ROWS_DIR/values.yaml.
"""
import json
import os
import subprocess
import sys

TABLES = ["language", "texts", "lists", "formats"]


def main():
    helm, rows = sys.argv[1:3]
    with open(os.path.join(rows, "values.yaml")) as file:
        values = file.read()
    for table in TABLES:
        path = os.path.join(rows, table + ".txt")
        with open(path) as file:
            head, body = file.read().split("=== templates\n")
        templates = body.rstrip("\n").split("\n")[::2]
        asked = [{"values": values, "templates": {"case.yaml": line.replace("⏎", "\n")}} for line in templates]
        told = subprocess.run([helm], input="".join(json.dumps(one) + "\n" for one in asked), capture_output=True, text=True, check=True)
        with open(path, "w") as file:
            file.write(head + "=== templates\n")
            for line, answer in zip(templates, map(json.loads, told.stdout.splitlines()), strict=True):
                out = "!" if answer.get("error") else answer["out"].replace("\n", "⏎")
                file.write(f"{line}\n=> {out}\n")


main()
