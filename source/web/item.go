package web

import (
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/source"
)

// Limits of what an item says of itself.
const (
	maxCaptions     = 32
	maxStatements   = 64
	maxReservations = 64
)

// give yields what became of an entry.
func (c *crawl) give(e entry) error {
	r, err := e.result()
	if err != nil {
		return err
	}
	var item source.Item
	if e.State == refused {
		no := &source.Refused{Path: e.URL, Why: r.Why, Err: errors.New(r.Error)}
		if no.Reservations, err = c.load.reservations(r.Reservations); err != nil {
			return err
		}
		for _, s := range no.Reservations {
			if s.Evidence != nil && !slices.Contains(no.Evidence, s.Evidence) {
				no.Evidence = append(no.Evidence, s.Evidence)
			}
		}
		err = no
	} else if item, err = c.item(e, r); err != nil {
		return err
	}
	if !c.yield(item, err) {
		c.stopped = true
		return errStopped
	}
	return nil
}

// item puts together what the picture's answer and the pages that show it say.
func (c *crawl) item(e entry, r record) (source.Item, error) {
	if r.Content == nil {
		return source.Item{}, fmt.Errorf("web: the crawl's state of %s lacks its content", e.URL)
	}
	data, err := c.state.objects.Get(r.Content.Digest)
	if err != nil {
		return source.Item{}, fmt.Errorf("web: %s: %w", e.URL, err)
	}
	it := source.Item{Path: itemPath(e.URL), Data: data, URL: e.URL, Taken: r.Taken}
	if it.Reservations, err = c.load.reservations(r.Reservations); err != nil {
		return it, err
	}
	if it.Statements, err = c.load.statements(r.Statements); err != nil {
		return it, err
	}
	pages, _, err := c.state.mentions(e.URL)
	if err != nil {
		return it, err
	}
	for _, m := range pages {
		if it.Title == "" {
			it.Title = m.Title
		}
		if it.Creator == "" {
			it.Creator = m.Creator
		}
		for _, words := range m.Captions {
			if len(it.Captions) < maxCaptions && !slices.Contains(it.Captions, words) {
				it.Captions = append(it.Captions, words)
			}
		}
		statements, err := c.load.statements(m.Statements[:min(len(m.Statements), maxStatements-min(maxStatements, len(it.Statements)))])
		if err != nil {
			return it, err
		}
		it.Statements = append(it.Statements, statements...)
		reservations, err := c.load.reservations(m.Reservations[:min(len(m.Reservations), maxReservations-min(maxReservations, len(it.Reservations)))])
		if err != nil {
			return it, err
		}
		it.Reservations = append(it.Reservations, reservations...)
	}
	return it, nil
}
