package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mask is the checksum of a TFRecord: CRC-32C rotated right by 15 bits plus a
// constant, so that a checksum over data holding checksums stays a good one
// (tensorflow/core/lib/hash/crc32c.h).
func mask(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// record frames data as a TFRecord: its length in 8 bytes, the checksum of
// those, the data, their checksum; all little-endian.
func record(data []byte) []byte {
	b := make([]byte, 0, len(data)+16)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, mask(b))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, mask(data))
}

// Field numbers of event.proto and summary.proto.
const (
	eventWallTime    protowire.Number = 1
	eventStep        protowire.Number = 2
	eventFileVersion protowire.Number = 3
	eventSummary     protowire.Number = 5
	eventSessionLog  protowire.Number = 7

	sessionLogStatus protowire.Number = 1

	summaryValue protowire.Number = 1

	valueTag    protowire.Number = 1
	valueSimple protowire.Number = 2
	valueImage  protowire.Number = 4

	imageHeight     protowire.Number = 1
	imageWidth      protowire.Number = 2
	imageColorspace protowire.Number = 3 // 1 gray, 3 RGB, 4 RGBA
	imageEncoded    protowire.Number = 4
)

// sessionStarted is SessionLog.START.
const sessionStarted = 1

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendString(b []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// event begins an Event; a step of 0 is not written, being the default.
func event(wall float64, step int64) []byte {
	b := protowire.AppendTag(nil, eventWallTime, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(wall))
	if step != 0 {
		b = appendInt(b, eventStep, step)
	}
	return b
}

// fileVersion is the event that every file begins with.
func fileVersion(wall float64) []byte {
	return appendString(event(wall, 0), eventFileVersion, "brain.Event:2")
}

// sessionStart makes TensorBoard purge the events of earlier files from step
// on.
func sessionStart(wall float64, step int64) []byte {
	return appendBytes(event(wall, step), eventSessionLog, appendInt(nil, sessionLogStatus, sessionStarted))
}

// summary is an event with one value.
func summary(wall float64, step int64, value []byte) []byte {
	return appendBytes(event(wall, step), eventSummary, appendBytes(nil, summaryValue, value))
}

func scalarValue(tag string, v float32) []byte {
	b := appendString(nil, valueTag, tag)
	b = protowire.AppendTag(b, valueSimple, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, math.Float32bits(v))
}

func imageValue(tag string, height, width, channels int, encoded []byte) []byte {
	img := appendInt(nil, imageHeight, int64(height))
	img = appendInt(img, imageWidth, int64(width))
	img = appendInt(img, imageColorspace, int64(channels))
	img = appendBytes(img, imageEncoded, encoded)
	return appendBytes(appendString(nil, valueTag, tag), valueImage, img)
}
