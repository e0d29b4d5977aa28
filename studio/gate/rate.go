package gate

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is a number of requests in a time; zero is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

var units = map[string]time.Duration{"s": time.Second, "sec": time.Second, "min": time.Minute, "h": time.Hour, "hour": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour}

// ParseRate reads a rate as 60/min is written; units are s, min, h and d.
func ParseRate(s string) (Rate, error) {
	n, unit, _ := strings.Cut(s, "/")
	count, err := strconv.Atoi(n)
	per, ok := units[unit]
	if err != nil || !ok || count < 1 || count > 1e9 {
		return Rate{}, fmt.Errorf("%.40q is no rate: write it as 60/min, with s, min, h or d", s)
	}
	return Rate{N: count, Per: per}, nil
}

func (r Rate) String() string {
	if r.N == 0 {
		return ""
	}
	for _, unit := range []string{"s", "min", "h", "d"} {
		if units[unit] == r.Per {
			return strconv.Itoa(r.N) + "/" + unit
		}
	}
	return fmt.Sprintf("%d/%v", r.N, r.Per)
}

// IsZero reports whether there is no limit.
func (r Rate) IsZero() bool { return r.N == 0 }

// MarshalText writes what String gives.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRate does.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}
