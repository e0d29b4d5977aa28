# Writes python.safetensors with the upstream library:
#   pip install safetensors numpy && python make.py
import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "conv.weight": (np.arange(6, dtype=np.float32) / 4).reshape(1, 2, 3),
        "half": np.array([1.5, -0.1, 65504], dtype=np.float16),
        "scalar": np.array(3.25, dtype=np.float32),
        "none": np.zeros((0, 7), dtype=np.float32),
        "steps": np.array([7, 8], dtype=np.int64),
    },
    "python.safetensors",
    metadata={"made": "by numpy"},
)
