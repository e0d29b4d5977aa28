package rsl

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// usageTokens are those of section 3.4.1.1, the broad before the narrow.
var usageTokens = []string{"all", "ai-all", "ai-train", "ai-input", "ai-index", "search"}

var paymentTypes = []string{"purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free"}

func (p *parser) content(e xml.StartElement) (content, error) {
	var c content
	var ok bool
	line := p.line()
	if c.url, ok = attr(e, "url"); !ok {
		return c, fmt.Errorf("line %d: content has no url", line)
	}
	c.url = strings.TrimSpace(c.url)
	c.server, _ = attr(e, "server")
	if s, ok := attr(e, "encrypted"); ok && s != "true" && s != "false" {
		return c, fmt.Errorf("line %d: encrypted is %q; want true or false", line, s)
	}
	_, err := p.children("content", []string{"license", "alternate", "schema", "copyright", "terms"}, func(e xml.StartElement) error {
		if e.Name.Local == "license" {
			l, err := p.licence()
			c.licences = append(c.licences, l)
			return err
		}
		s, err := p.text(e)
		if e.Name.Local == "terms" {
			c.terms = s
		}
		return err
	})
	if err == nil && len(c.licences) == 0 {
		err = fmt.Errorf("line %d: content has no license", line)
	}
	return c, err
}

func (p *parser) licence() (licence, error) {
	l := licence{payment: payment{kind: "free"}}
	seen := map[string]bool{}
	_, err := p.children("license", []string{"permits", "prohibits", "payment", "reporting", "legal"}, func(e xml.StartElement) error {
		line, name := p.line(), e.Name.Local
		kind, typed := attr(e, "type")
		if key := name + " " + kind; name != "reporting" && seen[key] || name == "payment" && seen["payment"] {
			return fmt.Errorf("line %d: a second %s", line, key)
		} else {
			seen[key], seen[name] = true, true
		}
		if name == "payment" {
			if !typed {
				kind = "free"
			}
			if !slices.Contains(paymentTypes, kind) {
				return fmt.Errorf("line %d: payment has the type %q", line, kind)
			}
			l.payment = payment{kind: kind, line: line}
			return p.payment(&l.payment, typed)
		}
		text, err := p.text(e)
		if err != nil || name == "legal" {
			return err
		}
		if name == "reporting" {
			l.limits = append(l.limits, "reporting "+kind)
			return nil
		}
		tokens := strings.Fields(text)
		if strings.Contains(text, ",") {
			return fmt.Errorf("line %d: %s lists with commas; use spaces", line, name)
		}
		switch kind {
		case "usage":
			for _, t := range tokens {
				if !slices.Contains(usageTokens, t) && !strings.Contains(t, ":") {
					return fmt.Errorf("line %d: no usage is named %q", line, t)
				}
			}
			l.clauses = append(l.clauses, clause{tokens, name == "permits", name + " usage: " + strings.Join(tokens, " "), line})
		case "user", "geo":
			l.limits = append(l.limits, name+" "+kind+" "+strings.Join(tokens, " "))
		default:
			return fmt.Errorf("line %d: %s has the type %q; want usage, user or geo", line, name, kind)
		}
		return nil
	})
	return l, err
}

// payment reads the children of a payment element. An amount or a process of
// its own asks for something even where the type is left out.
func (p *parser) payment(pay *payment, typed bool) error {
	_, err := p.children("payment", []string{"standard", "custom", "amount", "accepts"}, func(e xml.StartElement) error {
		s, err := p.text(e)
		switch e.Name.Local {
		case "standard", "custom":
			if pay.policy == "" {
				pay.policy = s
			}
			if !typed {
				pay.kind = e.Name.Local + " licence"
			}
		case "amount", "accepts":
			if !typed {
				pay.kind = e.Name.Local + " " + s
			}
		}
		return err
	})
	return err
}
