package signal

// Verdict is what all signals together say about some uses.
type Verdict struct {
	Value   Value    `json:"value"`
	Reasons []Signal `json:"reasons"` // the signals that decided, in the order given
}

// Combine says what the signals mean for all of the uses in want.
//
//   - Any denial of one of the uses denies, and so does a denial of Crawl: what
//     must not be requested must not be used.
//   - Otherwise any signal that needs a licence makes the verdict NeedsLicence.
//   - Otherwise a signal with a defect makes it Unknown.
//   - Otherwise it is Allow if each of the uses is allowed by some signal.
//   - Otherwise it is Unknown: silence never permits.
//
// Precedence inside of a protocol is for that protocol's reader: of what it
// returns nothing is overridden here. For no uses the verdict is Unknown.
func Combine(signals []Signal, want Usage) Verdict {
	if want == 0 {
		return Verdict{}
	}
	pick := func(uses Usage, is func(Signal) bool) []Signal {
		var hits []Signal
		for _, s := range signals {
			if s.Usage&uses != 0 && is(s) {
				hits = append(hits, s)
			}
		}
		return hits
	}
	denies := func(s Signal) bool { return s.Value == Deny }
	if hits := pick(want|Crawl, denies); hits != nil {
		return Verdict{Deny, hits}
	}
	if hits := pick(want, func(s Signal) bool { return s.Value == NeedsLicence }); hits != nil {
		return Verdict{NeedsLicence, hits}
	}
	if hits := pick(want, func(s Signal) bool { return s.Defect != "" }); hits != nil {
		return Verdict{Unknown, hits}
	}
	allows := pick(want, func(s Signal) bool { return s.Value == Allow })
	var allowed Usage
	for _, s := range allows {
		allowed |= s.Usage
	}
	if want&^allowed == 0 {
		return Verdict{Allow, allows}
	}
	return Verdict{Unknown, pick(want&^allowed, func(Signal) bool { return true })}
}

// Restrict returns the signals of a thing that shows or contains another one,
// as they bear on that other: what is reserved stays so, what is permitted
// becomes unknown, because it was said about something else. The words of why
// become the note of what lost its permission.
func Restrict(signals []Signal, why string) []Signal {
	out := make([]Signal, len(signals))
	for i, s := range signals {
		if s.Value == Allow {
			s.Value, s.Note = Unknown, why
		}
		out[i] = s
	}
	return out
}
