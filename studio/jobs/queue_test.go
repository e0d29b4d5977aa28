package jobs

import (
	"errors"
	"strings"
	"testing"
)

func TestJobs(t *testing.T) {
	q := open(t, Options{}, &fake{kind: "fake", most: 1, atOnce: 2})
	for _, c := range []struct {
		order
		state State
		line  string
	}{
		{order{Text: "apple"}, Done, ""},
		{order{Do: "fail"}, Failed, "no luck at all"},
		{order{Do: "leave"}, Failed, "left"},
		{order{Do: "forget"}, Failed, "the worker ended without finishing the job"},
		{order{Do: "panic"}, Failed, `the worker "fake" broke: fake broke`},
		{order{Do: "partial"}, Failed, "half done"},
		{order{Do: "twice", Text: "pear"}, Done, ""},
	} {
		j := wait(t, q, submit(t, q, "ann", c.order))
		if j.State != c.state || j.Error != c.line || j.Tries != 1 || j.Started.Before(j.Created) || j.Ended.Before(j.Started) {
			t.Errorf("%+v became %+v", c.order, j)
		}
		again, err := q.Job(t.Context(), "ann", j.ID)
		if err != nil || again.State != j.State || again.Error != j.Error || len(again.Results) != len(j.Results) || !again.Ended.Equal(j.Ended) ||
			again.Progress.Stage != j.Progress.Stage {
			t.Errorf("told was %+v, on the disk is %+v, %v", j, again, err)
		}
		if c.state != Done {
			if len(j.Results) != 0 {
				t.Errorf("%+v has results", c.order)
			}
			continue
		}
		if len(j.Results) != 1 || string(j.Results[0].Meta) != `{"text":"`+c.Text+`"}` || j.Results[0].Type != "text/plain" {
			t.Fatalf("results %+v", j.Results)
		}
		data, err := q.store.Get(j.Results[0].Digest)
		if err != nil || string(data) != "made "+c.Text {
			t.Errorf("the result is %q, %v", data, err)
		}
	}
}

func TestRefused(t *testing.T) {
	q := open(t, Options{SpecSize: 100}, &fake{kind: "fake", most: 1, atOnce: 1})
	for _, c := range []struct{ kind, spec, line string }{
		{"fake", `{"do":"refuse"}`, "that cannot be done"},
		{"fake", `{"do":`, "the specification is not JSON"},
		{"fake", `{"text":"` + strings.Repeat("x", 100) + `"}`, "the specification has 111 bytes; 100 are the most"},
		{"other", `{}`, `there is no kind of work named "other"`},
	} {
		_, err := q.Submit(t.Context(), Submission{Kind: c.kind, Owner: "ann", Spec: []byte(c.spec)})
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Kind != c.kind || err.Error() != c.line {
			t.Errorf("%s: %v", c.spec, err)
		}
	}
	if _, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: "ann", Spec: []byte(`{"do":"break"}`)}); err == nil || !strings.Contains(err.Error(), "check broke") {
		t.Errorf("a check that broke: %v", err)
	}
	if _, err := q.Submit(t.Context(), Submission{Kind: "fake"}); err == nil {
		t.Error("nobody's job was accepted")
	}
	if len(q.unended) != 1 || q.unended[""] != 0 {
		t.Errorf("places are taken: %v", q.unended)
	}
}
