package source

// Type is the sort of ground on which a source's pictures are taken, as the
// ledger names it.
type Type string

const (
	Internal Type = "internal" // one's own
	Vendor   Type = "vendor"   // delivered under an agreement
	Open     Type = "open"     // published under a licence for all
	Crawl    Type = "crawl"    // fetched from the web
	Usage    Type = "usage"    // what users did with generated pictures
)

// About describes a source as a whole.
type About struct {
	Type     Type
	Name     string // as people call it
	Location string // address, package name or path
	Version  string
	// Basis is the ground on which there was lawful access, in words: "npm
	// package", "own files", "agreement A-17", "public web, robots.txt allows".
	Basis string
	// Maker made the collection, Completed and Renewed are days (2026-11-23) of
	// its completion and last substantial investment, Works the number of works
	// that it holds: what the database right asks (Directive 96/9/EC, articles 7
	// and 10). Empty where unknown.
	Maker     string
	Completed string
	Renewed   string
	Works     int64
	// Statements are those with the scope Whole.
	Statements []Statement
	// Agreement is what a vendor's delivery, or the use of what users kept,
	// rests on; nil for other types.
	Agreement *Agreement
}

// Agreement is what was agreed with those who may permit.
type Agreement struct {
	ID         string
	Parties    []string
	Scope      string   // in words
	Purposes   []string // train, output, sublicense
	Territory  []string // ISO 3166 codes; none means everywhere
	From       string   // first day, 2026-11-23
	Until      string   // last day; empty means without end
	Revocation string   // how it may be revoked, in words
	Revoked    bool
	Delete     bool // copies must be deleted at the end
	Indemnity  bool
	Document   *Evidence // the agreement itself
}
