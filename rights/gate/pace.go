package gate

import (
	"strconv"
	"time"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

const (
	maxDelay    = time.Hour
	maxSitemaps = 100
)

// pace reads the lines of robots.txt that RFC 9309 leaves to others: the
// longest Crawl-delay in seconds that holds for the agent, at most an hour,
// and the sitemaps, which hold for all.
func pace(got signal.Fetched, agent string) (time.Duration, []string) {
	file := robots.Get(got)
	var delay time.Duration
	for _, l := range file.Select(agent) {
		if l.Key != "crawl-delay" {
			continue
		}
		s, err := strconv.ParseFloat(l.Value, 64)
		if err != nil || !(s > 0) {
			continue
		}
		delay = max(delay, time.Duration(min(s, maxDelay.Seconds())*float64(time.Second)))
	}
	var sitemaps []string
	for _, l := range file.Lines {
		if l.Key == "sitemap" && len(sitemaps) < maxSitemaps {
			sitemaps = append(sitemaps, l.Value)
		}
	}
	return delay, sitemaps
}
