# Writes golden.tfevents with TensorBoard's own writer:
#   pip install tensorboard && python make.py
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

events = [
    Event(wall_time=1000.5, file_version="brain.Event:2"),
    Event(wall_time=1000.5, step=31, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=1000.5, step=31, summary=Summary(value=[Summary.Value(tag="loss/kl", simple_value=23.25)])),
    Event(wall_time=1000.5, step=40, summary=Summary(value=[Summary.Value(tag="loss/ü", simple_value=float("nan"))])),
    Event(wall_time=1000.5, step=300, summary=Summary(value=[Summary.Value(
        tag="samples", image=Summary.Image(height=2, width=3, colorspace=1, encoded_image_string=b"png"))])),
]
with open("golden.tfevents", "wb") as f:
    w = RecordWriter(f)
    for e in events:
        w.write(e.SerializeToString())
    w.flush()
