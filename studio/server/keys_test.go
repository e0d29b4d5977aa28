package server_test

import (
	"encoding/json"
	"testing"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/server"
)

// A day's pictures are a day's pictures: those that a station makes ahead count,
// and a server that begins anew does not forget.
func TestDailyCount(t *testing.T) {
	o := options(t.TempDir())
	o.Require = true
	secret, err := gate.OpenKeys(server.KeysFolder(string(o.Places.Home))).Add("ann", gate.Key{Work: []string{"paint"}, Daily: 3})
	if err != nil {
		t.Fatal(err)
	}
	hers := []string{"Authorization", "Bearer " + secret}
	r := start(t, o)
	r.want(t, 200, "POST", "/v1/images/generations", quick, hers...)
	stream := func(r *running) (v struct{ Problem string }) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.want(t, 200, "GET", "/api/v1/station", "", hers...)), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := stream(r); v.Problem == "" { // two of the three that it would make ahead
		t.Error("the station has not met the limit")
	}
	r.want(t, 429, "POST", "/v1/images/generations", quick, hers...)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, o)
	r.want(t, 429, "POST", "/v1/images/generations", quick, hers...)
	var list struct{ Jobs []struct{ Kind string } }
	if err := json.Unmarshal([]byte(r.want(t, 200, "GET", "/api/v1/jobs", "", hers...)), &list); err != nil || len(list.Jobs) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}
