package testsite

import "strings"

const (
	open = "User-agent: *\nAllow: /\n"
	mine = "User-agent: limnertest\n"

	kept        = "kept"
	denied      = "denied"
	unreachable = "unreachable"
)

// Signals are the cases of what sites and pictures say: each protocol in its
// permitting, denying, malformed, conflicting and unreachable forms.
func Signals() []Case {
	robots := func(name, says, body, want string) Case {
		return Case{Name: name, About: "robots.txt", Says: says, Files: map[string]Answer{"/robots.txt": {Body: body}}, Want: want, Requested: want == kept}
	}
	file := func(name, about, says, path string, a Answer, want string) Case {
		return Case{Name: name, About: about, Says: says, Files: map[string]Answer{path: a}, Want: want, Requested: want == kept}
	}
	line := func(name, about, text, want string) Case {
		return Case{Name: name, About: about, Says: "robots.txt " + strings.ReplaceAll(text, "\n", "; "), Files: map[string]Answer{"/robots.txt": {Body: open + text}}, Want: want, Requested: want == kept}
	}
	picture := func(name, about, head, want string) Case {
		return Case{Name: name, About: about, Says: "picture's header " + head, Files: map[string]Answer{"/a.png": Picture(name, head)}, Want: want, Requested: true, Aborts: want != kept}
	}
	page := func(name, about, text, want string) Case {
		return file(name, about, "page "+text, "/", Page(text), want)
	}
	pageHeader := func(name, about, head, want string) Case {
		return file(name, about, "page's header "+head, "/", Page("", head), want)
	}
	tdmrep := func(name, says, body, want string) Case {
		return file(name, "TDMRep", says, "/.well-known/tdmrep.json", Answer{Body: body}, want)
	}
	aitxt := func(name, says, body, want string) Case {
		return file(name, "ai.txt", says, "/ai.txt", Answer{Body: body}, want)
	}
	inside := func(name, about, says string, a Answer, want string) Case {
		return Case{Name: name, About: about, Says: says, Files: map[string]Answer{"/a.png": a}, Want: want, Requested: true}
	}
	rsl := func(name, says, inner, want string) Case {
		return Case{Name: name, About: "RSL", Says: says, Want: want, Requested: want == kept, Files: map[string]Answer{
			"/robots.txt":  {Body: "License: {origin}/license.xml\n" + open},
			"/license.xml": {Body: `<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>` + inner + `</license></content></rsl>`}}}
	}
	by := func(protocol string, c Case) Case { c.By = protocol; return c }
	gives := func(c Case, path string, a Answer) Case { c.Files[path] = a; return c }
	aborts := func(c Case) Case { c.Aborts = true; return c }

	return []Case{
		{Name: "silent", About: "nothing", Says: "no robots.txt, no signal", Files: map[string]Answer{"/robots.txt": {Status: 404}}, Want: kept, Requested: true},
		robots("robots-allow", "allows all", open, kept),
		robots("robots-deny", "denies all", "User-agent: *\nDisallow: /\n", denied),
		robots("robots-deny-agent", "denies this agent, allows others", mine+"Disallow: /\n\n"+open, denied),
		robots("robots-deny-other", "denies another agent", "User-agent: otherbot\nDisallow: /\n\n"+open, kept),
		robots("robots-deny-picture", "denies the picture", "User-agent: *\nDisallow: /*.png$\n", denied),
		robots("robots-longest", "allows by the longer pattern", "User-agent: *\nDisallow: /\nAllow: /$\nAllow: /a.png\nAllow: /.well-known/\nAllow: /ai.txt\n", kept),
		robots("robots-tie", "allows and denies alike", "User-agent: *\nDisallow: /a.png\nAllow: /a.png\n", kept),
		robots("robots-merged", "two groups of this agent, one denies", mine+"Allow: /b\n\nUser-agent: *\nAllow: /\n\n"+mine+"Disallow: /a.png\n", denied),
		robots("robots-stray", "a Disallow outside of any group", "Disallow: /a.png\n"+open, denied),
		robots("robots-html", "a page in its place", "<html><p>not found</p></html>", kept),
		robots("robots-binary", "bytes that are no text", "User-agent: *\x00\x01\x02\xff\xfe\nAllow: /\n", denied),
		robots("robots-long", "1.5 MiB", open+strings.Repeat("# nothing\n", 150_000), denied),
		aborts(file("robots-huge", "robots.txt", "3 MiB", "/robots.txt", Answer{Body: open + strings.Repeat("# nothing\n", 300_000)}, unreachable)),
		file("robots-403", "robots.txt", "status 403", "/robots.txt", Answer{Status: 403}, kept),
		file("robots-429", "robots.txt", "status 429", "/robots.txt", Answer{Status: 429}, unreachable),
		file("robots-500", "robots.txt", "status 500", "/robots.txt", Answer{Status: 500}, unreachable),
		file("robots-503", "robots.txt", "status 503, come back in 2 s", "/robots.txt", Answer{Status: 503, Header: []string{"Retry-After: 2"}}, unreachable),
		aborts(file("robots-hangs", "robots.txt", "no answer", "/robots.txt", Answer{Serve: hang}, unreachable)),
		gives(file("robots-moved", "robots.txt", "redirects to one that denies", "/robots.txt", Answer{Status: 301, Header: []string{"Location: /r.txt"}}, denied), "/r.txt", Answer{Body: "User-agent: *\nDisallow: /a.png\n"}),
		file("robots-loop", "robots.txt", "redirects to itself", "/robots.txt", Answer{Status: 302, Header: []string{"Location: /robots.txt"}}, denied),
		file("robots-inside", "robots.txt", "redirects to a private address", "/robots.txt", Answer{Status: 302, Header: []string{"Location: http://127.0.0.2:{port}/robots.txt"}}, "unsafe"),

		line("aipref-allow", "AIPREF", "Content-Usage: train-ai=y", kept),
		line("aipref-deny", "AIPREF", "Content-Usage: train-ai=n", denied),
		line("aipref-path", "AIPREF", "Content-Usage: train-ai=y\nContent-Usage: /a.png train-ai=n", denied),
		line("aipref-elsewhere", "AIPREF", "Content-Usage: /b/ train-ai=n", kept),
		line("aipref-search", "AIPREF", "Content-Usage: search=n", kept),
		line("aipref-malformed", "AIPREF", "Content-Usage: train-ai=never", denied),
		line("aipref-garbage", "AIPREF", "Content-Usage: =;=", denied),
		line("aipref-conflict", "AIPREF", "Content-Usage: train-ai=y\nContent-Usage: train-ai=n", denied),
		line("aipref-earlier", "AIPREF", "Content-Usage: train-genai=n", denied),
		line("cc-signals", "CC signals", "Content-Usage: train-genai=n;exceptions=cc-cr", denied),
		picture("aipref-header-allow", "AIPREF", "Content-Usage: train-ai=y", kept),
		picture("aipref-header-deny", "AIPREF", "Content-Usage: train-ai=n", denied),
		picture("aipref-header-malformed", "AIPREF", "Content-Usage: train-ai=?", denied),
		pageHeader("aipref-page-deny", "AIPREF", "Content-Usage: train-ai=n", denied),
		by("x-robots-tag", gives(line("aipref-against", "AIPREF", "Content-Usage: train-ai=y", denied), "/", Page(`<meta name="robots" content="noai">`))),

		line("content-signal-allow", "Content-Signal", "Content-Signal: search=yes, ai-train=yes", kept),
		line("content-signal-deny", "Content-Signal", "Content-Signal: search=yes, ai-train=no", denied),
		line("content-signal-search", "Content-Signal", "Content-Signal: search=no", kept),
		line("content-signal-malformed", "Content-Signal", "Content-Signal: ai-train=perhaps", denied),
		line("content-signal-conflict", "Content-Signal", "Content-Signal: ai-train=yes, ai-train=no", denied),
		picture("content-signal-header", "Content-Signal", "Content-Signal: ai-train=no", denied),
		pageHeader("content-signal-page", "Content-Signal", "Content-Signal: ai-train=no", denied),

		tdmrep("tdmrep-allow", "0 for all", `[{"location":"/","tdm-reservation":0}]`, kept),
		tdmrep("tdmrep-deny", "1 for all", `[{"location":"/","tdm-reservation":1}]`, denied),
		tdmrep("tdmrep-policy", "1 for pictures, with a policy", `[{"location":"/*.png","tdm-reservation":1,"tdm-policy":"https://example.com/p.json"}]`, denied),
		tdmrep("tdmrep-first-allows", "0 for the picture, then 1", `[{"location":"/a.png","tdm-reservation":0},{"location":"/$","tdm-reservation":0},{"location":"/","tdm-reservation":1}]`, kept),
		tdmrep("tdmrep-first-denies", "1 for all, then 0", `[{"location":"/","tdm-reservation":1},{"location":"/a.png","tdm-reservation":0}]`, denied),
		tdmrep("tdmrep-malformed", "no JSON", `[{"location":"/",`, denied),
		tdmrep("tdmrep-value", "value 2", `[{"location":"/","tdm-reservation":2}]`, denied),
		file("tdmrep-500", "TDMRep", "status 500", "/.well-known/tdmrep.json", Answer{Status: 500}, denied),
		aborts(file("tdmrep-hangs", "TDMRep", "no answer", "/.well-known/tdmrep.json", Answer{Serve: hang}, denied)),
		line("tdmrep-hidden", "TDMRep", "Disallow: /.well-known/", denied),
		picture("tdm-header-deny", "TDMRep", "tdm-reservation: 1", denied),
		picture("tdm-header-allow", "TDMRep", "tdm-reservation: 0", kept),
		picture("tdm-header-malformed", "TDMRep", "tdm-reservation: yes", denied),
		gives(picture("tdm-header-against", "TDMRep", "tdm-reservation: 1", denied), "/.well-known/tdmrep.json", Answer{Body: `[{"location":"/","tdm-reservation":0}]`}),
		page("tdm-meta-deny", "TDMRep", `<meta name="tdm-reservation" content="1">`, denied),
		page("tdm-meta-allow", "TDMRep", `<meta name="tdm-reservation" content="0">`, kept),
		page("tdm-meta-malformed", "TDMRep", `<meta name="tdm-reservation" content="maybe">`, denied),
		pageHeader("tdm-page-deny", "TDMRep", "tdm-reservation: 1", denied),

		aitxt("aitxt-allow", "allows pictures", "User-Agent: *\nAllow: *.png\n", kept),
		aitxt("aitxt-deny", "denies pictures", "User-Agent: *\nDisallow: *.png\n", denied),
		aitxt("aitxt-other", "denies other files", "User-Agent: *\nDisallow: *.mp3\n", kept),
		aitxt("aitxt-tie", "allows and denies alike", "User-Agent: *\nAllow: *.png\nDisallow: *.png\n", denied),
		aitxt("aitxt-malformed", "bytes that are no text", "\x00\x01\x02\xff", denied),
		file("aitxt-500", "ai.txt", "status 500", "/ai.txt", Answer{Status: 500}, denied),

		picture("xrobots-noai", "X-Robots-Tag", "X-Robots-Tag: noai", denied),
		picture("xrobots-noimageai", "X-Robots-Tag", "X-Robots-Tag: noindex, noimageai", denied),
		picture("xrobots-agent", "X-Robots-Tag", "X-Robots-Tag: limnertest: noai", denied),
		picture("xrobots-other", "X-Robots-Tag", "X-Robots-Tag: otherbot: noai", kept),
		picture("xrobots-noindex", "X-Robots-Tag", "X-Robots-Tag: noindex", kept),
		pageHeader("xrobots-page", "X-Robots-Tag", "X-Robots-Tag: noimageai", denied),
		page("meta-noai", "robots meta", `<meta name="robots" content="noai, noimageai">`, denied),
		page("meta-noimageai", "robots meta", `<META NAME="ROBOTS" CONTENT="NoImageAI">`, denied),
		page("meta-agent", "robots meta", `<meta name="limnertest" content="noai">`, denied),
		page("meta-noindex", "robots meta", `<meta name="robots" content="noindex">`, kept),

		rsl("rsl-allow", "permits training", `<permits type="usage">ai-train</permits>`, kept),
		rsl("rsl-deny", "prohibits training", `<prohibits type="usage">ai-train</prohibits>`, denied),
		rsl("rsl-search", "permits search alone", `<permits type="usage">search</permits>`, denied),
		rsl("rsl-conflict", "permits and prohibits", `<permits type="usage">all</permits><prohibits type="usage">ai-all</prohibits>`, denied),
		rsl("rsl-pay", "for payment", `<permits type="usage">ai-train</permits><payment type="training"><amount currency="EUR">5</amount></payment>`, denied),
		gives(rsl("rsl-malformed", "no XML", "", denied), "/license.xml", Answer{Body: "<rsl"}),
		gives(rsl("rsl-missing", "status 404", "", denied), "/license.xml", Answer{Status: 404}),
		gives(rsl("rsl-500", "status 500", "", denied), "/license.xml", Answer{Status: 500}),
		line("rsl-elsewhere", "RSL", "License: http://elsewhere.invalid/license.xml", denied),
		gives(picture("rsl-header-deny", "RSL", `Link: <{origin}/license.xml>; rel="license"; type="application/rsl+xml"`, denied), "/license.xml",
			Answer{Body: `<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><prohibits type="usage">all</prohibits></license></content></rsl>`}),
		aborts(gives(picture("rsl-header-allow", "RSL", `Link: <{origin}/license.xml>; rel="license"; type="application/rsl+xml"`, kept), "/license.xml",
			Answer{Body: `<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><permits type="usage">all</permits></license></content></rsl>`})),
		gives(page("rsl-page-deny", "RSL", `<link rel="license" type="application/rsl+xml" href="{origin}/license.xml">`, denied), "/license.xml",
			Answer{Body: `<rsl xmlns="https://rslstandard.org/rsl"><content url="/a.png"><license><prohibits type="usage">ai-all</prohibits></license></content></rsl>`}),
		page("rsl-inline-deny", "RSL", `<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl"><content url="/a.png"><license><prohibits type="usage">all</prohibits></license></content></rsl></script>`, denied),

		inside("plus-allow", "IPTC/PLUS", "SVG: DMI-ALLOWED", svg(plus("DMI-ALLOWED")), kept),
		inside("plus-deny", "IPTC/PLUS", "SVG: DMI-PROHIBITED", svg(plus("DMI-PROHIBITED")), denied),
		inside("plus-deny-png", "IPTC/PLUS", "PNG: DMI-PROHIBITED-GENAIMLTRAINING", Answer{Header: []string{"Content-Type: image/png"}, Body: withXMP(square("p"), plus("DMI-PROHIBITED-GENAIMLTRAINING"))}, denied),
		inside("plus-malformed", "IPTC/PLUS", "PNG: a packet that is cut off", Answer{Header: []string{"Content-Type: image/png"}, Body: withXMP(square("q"), plus("DMI-ALLOWED")[:200])}, denied),
		inside("plus-value", "IPTC/PLUS", "SVG: a value of nobody's", svg(plus("DMI-PERHAPS")), denied),
	}
}
