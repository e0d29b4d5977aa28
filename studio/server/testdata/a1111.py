"""Speaks to AUTOMATIC1111's API as scripts do: with nothing but requests."""

import base64
import json
import sys
import threading
import urllib.error
import urllib.request

at = sys.argv[1] + "/sdapi/v1/"


def ask(route, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(at + route, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


models = ask("sd-models")
assert models[0]["title"] and models[0]["model_name"]
names = [s["name"] for s in ask("samplers")]
assert "Euler" in names
ask("options", {"sd_model_checkpoint": ask("options")["sd_model_checkpoint"]})

payload = {"prompt": "a red apple", "negative_prompt": "", "steps": 4, "cfg_scale": 3, "width": 128, "height": 128, "seed": 7, "sampler_name": "Euler", "batch_size": 2}
answer = ask("txt2img", payload)
assert len(answer["images"]) == 2
info = json.loads(answer["info"])
assert info["all_seeds"] == [7, 8], info
picture = base64.b64decode(answer["images"][0])
assert picture[:8] == b"\x89PNG\r\n\x1a\n"
assert ask("txt2img", payload)["images"] == answer["images"], "the same seed is the same picture"

read = ask("png-info", {"image": answer["images"][0]})
assert read["parameters"]["Seed"] == 7 and "a red apple" in read["info"] and "Steps: 4" in read["info"], read

changed = ask("img2img", {"prompt": "a green apple", "init_images": ["data:image/png;base64," + answer["images"][0]], "denoising_strength": 0.6, "steps": 4, "width": 128, "height": 128})
assert len(changed["images"]) == 1 and changed["images"][0] != answer["images"][0]
painted = ask("img2img", {"prompt": "a green apple", "init_images": [answer["images"][0]], "mask": answer["images"][1], "inpainting_mask_invert": 1, "steps": 4})
assert len(painted["images"]) == 1

ended = []
long = threading.Thread(target=lambda: ended.append(ask("txt2img", {"prompt": "a tree", "steps": 150, "n_iter": 20})))
long.start()
while ask("progress")["state"]["job_count"] == 0:
    pass
ask("interrupt", {})
long.join(120)
assert ended and len(ended[0]["images"]) < 20, "it was not interrupted"
assert ask("progress")["progress"] == 0

try:
    ask("txt2img", {"steps": "many"})
    raise AssertionError("nonsense was taken")
except urllib.error.HTTPError as refusal:
    assert refusal.code == 422 and json.load(refusal)["detail"][0]["loc"] == ["body", "steps"]

print("all is well")
