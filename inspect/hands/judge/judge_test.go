package judge

import (
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
)

var sheets = model.Pictures{Height: Packed, Width: Packed, Channels: 3, Classes: Classes()}

func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("the interpreter needs seconds")
	}
	modeltest.Conform(t, Family{}, sheets, `{"channels":[4,4,4],"features":2}`)
}

func TestRefused(t *testing.T) {
	for config, want := range map[string]string{
		`{"channels":[3]}`: "channels", `{"features":0}`: "features", `{"weight":0}`: "weight", `{"noise":-1}`: "noise", `{"ema":1}`: "ema", `{"x":1}`: "x",
	} {
		if _, err := (Family{}).New(sheets, modeltest.Decode(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
	if _, err := (Family{}).New(model.Pictures{Height: 64, Width: 64, Channels: 3, Classes: Classes()}, modeltest.Decode("{}")); err == nil {
		t.Error("pictures without maps beside them were accepted")
	}
}

// The maps lie beside the crop, one below the other, in the order of the faults.
func TestPlaces(t *testing.T) {
	x := reference.New(1, Packed, Packed, 3)
	at := func(y, col int) int { return (y*Packed + col) * 3 }
	x.Data[at(2*Cells+3, Side+5)] = 1 // of the third fault, row 3, column 5
	x.Data[at(7, 9)] = 1
	g := graph.New()
	sheet := g.Input("x", 1, Packed, Packed, 3)
	got, err := reference.Eval([]*graph.Value{places(sheet), crop(sheet)}, reference.Env{Inputs: map[string]reference.Array{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got[0].Data {
		if want := i == (3*Cells+5)*faults+2; (v == 1) != want {
			t.Errorf("the maps have %v at %d", v, i)
		}
	}
	if got[1].Data[(7*Side+9)*3] != 1 || len(got[1].Data) != Side*Side*3 {
		t.Error("the crop is not the sheet's top left")
	}
}
