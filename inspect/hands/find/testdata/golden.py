"""Writes golden.json: what TensorFlow Lite's own runtime makes of hand.png.

    pip install "numpy<2" tflite-runtime==2.14.0 pillow
    python golden.py

The picture is laid over white and enlarged by repeating pixels, so that a
reader needs no resampling to make the same input.
"""
import json
import os

import numpy as np
import tflite_runtime.interpreter as tflite
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
picture = Image.open(os.path.join(here, "hand.png")).convert("RGBA")
ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
ground.alpha_composite(picture)
rgb = np.asarray(ground.convert("RGB"))

golden = {}
for name in ("palm", "landmark"):
    net = tflite.Interpreter(os.path.join(here, "..", name + ".tflite"),
                             experimental_op_resolver_type=tflite.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    net.allocate_tensors()
    side = int(net.get_input_details()[0]["shape"][1])
    rows = np.arange(side) * 64 // side
    net.set_tensor(net.get_input_details()[0]["index"], (rgb[rows][:, rows].astype(np.float32) / np.float32(255))[None])
    net.invoke()
    golden[name] = []
    for out in net.get_output_details():
        v = net.get_tensor(out["index"]).reshape(-1)
        step = max(1, len(v) // 300)  # of many anchors, a part
        golden[name].append({"length": len(v), "step": step, "values": [float("%.7g" % x) for x in v[::step]]})
json.dump(golden, open(os.path.join(here, "golden.json"), "w"))
