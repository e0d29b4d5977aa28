package gallery

const (
	applicationID = 0x4c6d4761 // "LmGa", SQLite's mark of a file's kind
	userVersion   = 1
)

// schema is the index's tables. A picture that was deleted leaves its digest
// and its job, so that it does not come back from the queue, and nothing else.
const schema = `
CREATE TABLE picture (
	id     INTEGER PRIMARY KEY,
	owner  TEXT NOT NULL,
	digest BLOB NOT NULL,
	type   TEXT NOT NULL,
	job    TEXT NOT NULL,
	made   INTEGER NOT NULL, -- Unix time in milliseconds
	model  TEXT NOT NULL,
	words  TEXT NOT NULL,    -- in the form that is searched
	meta   TEXT NOT NULL,    -- JSON
	spec   TEXT NOT NULL,    -- JSON
	frame  INTEGER NOT NULL, -- of an interpolation: shown only if it was kept
	mark   TEXT NOT NULL DEFAULT '',
	gone   INTEGER NOT NULL DEFAULT 0,
	UNIQUE (owner, digest)
);
-- All that a search looks at, so that it reads no rows but those it gives.
CREATE INDEX picture_time ON picture (owner, made, id, frame, mark, model, job, words) WHERE NOT gone;
CREATE INDEX picture_digest ON picture (digest);

-- What a picture looks like, as float32, little end first.
CREATE TABLE look (
	digest BLOB NOT NULL,
	way    TEXT NOT NULL, -- by which model
	vector BLOB NOT NULL,
	PRIMARY KEY (digest, way)
) WITHOUT ROWID;

-- All jobs before this one were taken in, or made nothing.
CREATE TABLE taken (job TEXT NOT NULL);
INSERT INTO taken VALUES ('');
`

const (
	sqlTake = `
INSERT INTO picture (owner, digest, type, job, made, model, words, meta, spec, frame) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (owner, digest) DO UPDATE SET
	type = excluded.type, job = excluded.job, made = excluded.made, model = excluded.model, words = excluded.words,
	meta = excluded.meta, spec = excluded.spec, frame = min(frame, excluded.frame), gone = 0
WHERE excluded.job > job`

	columns = `id, digest, type, job, made, mark, meta, spec`
	// shown are the owner's pictures that a filter wants.
	shown = ` FROM picture WHERE owner = ? AND NOT gone`

	sqlOne    = `SELECT ` + columns + ` FROM picture WHERE owner = ? AND digest = ? AND NOT gone`
	sqlModels = `SELECT model, count(*)` + shown + ` AND (NOT frame OR mark = 'kept') AND mark <> 'discarded' GROUP BY model ORDER BY 2 DESC, 1`
	sqlMark   = `UPDATE picture SET mark = ? WHERE owner = ? AND digest = ? AND NOT gone`
	sqlDelete = `UPDATE picture SET gone = 1, mark = '', words = '', meta = '', spec = '', model = '' WHERE owner = ? AND digest = ? AND NOT gone`
	sqlOthers = `SELECT count(*) FROM picture WHERE digest = ? AND NOT gone`
	sqlUnlook = `DELETE FROM look WHERE digest = ?`

	sqlUnseen = `SELECT digest` + shown + ` AND NOT EXISTS (SELECT 1 FROM look WHERE look.digest = picture.digest AND way = ?) ORDER BY made DESC, id DESC LIMIT ?`
	sqlLooks  = `SELECT picture.digest, vector FROM picture JOIN look ON look.digest = picture.digest AND way = ?2 WHERE owner = ?1 AND NOT gone AND mark <> 'discarded'`
	sqlLook   = `INSERT INTO look (digest, way, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
)
