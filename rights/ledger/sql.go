package ledger

// All SQL stands here. The tables event, node, checkpoint and evidence are the
// ledger; mention, cite and taking are indexes that follow from the events'
// bodies, and Verify holds them against those.

// applicationID marks the file as a ledger ("Lmnr"), userVersion is the schema's.
const (
	applicationID = 0x4c6d6e72
	userVersion   = 1
)

const schema = `
CREATE TABLE ledger (origin TEXT NOT NULL, key TEXT NOT NULL) STRICT;
CREATE TABLE event (
	seq     INTEGER PRIMARY KEY,
	kind    TEXT NOT NULL,
	subject TEXT NOT NULL,
	time    INTEGER NOT NULL,
	body    BLOB NOT NULL
) STRICT;
CREATE INDEX event_subject ON event (subject, seq);
CREATE INDEX event_kind ON event (kind, seq);
CREATE TABLE node (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
CREATE TABLE evidence (
	digest BLOB NOT NULL UNIQUE,
	size   INTEGER NOT NULL,
	bytes  BLOB
) STRICT;
CREATE TABLE mention (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE cite (digest BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (digest, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE taking (
	source TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	time   INTEGER NOT NULL,
	copies INTEGER NOT NULL,
	bytes  INTEGER NOT NULL,
	PRIMARY KEY (source, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_kept BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_held BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'events are never deleted'); END;
CREATE TRIGGER node_kept BEFORE UPDATE ON node BEGIN SELECT raise(ABORT, 'hashes are never changed'); END;
CREATE TRIGGER node_held BEFORE DELETE ON node BEGIN SELECT raise(ABORT, 'hashes are never deleted'); END;
CREATE TRIGGER checkpoint_kept BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoint_held BEFORE DELETE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are never deleted'); END;
CREATE TRIGGER evidence_kept BEFORE UPDATE ON evidence WHEN NEW.bytes IS NOT NULL OR NEW.digest <> OLD.digest OR NEW.size <> OLD.size
BEGIN SELECT raise(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER evidence_held BEFORE DELETE ON evidence BEGIN SELECT raise(ABORT, 'evidence is never deleted'); END;
`

const (
	sqlSchema        = `SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name`
	sqlIntegrity     = `PRAGMA integrity_check(1)`
	sqlTruncateWAL   = `PRAGMA wal_checkpoint(TRUNCATE)`
	sqlApplicationID = `PRAGMA application_id`
	sqlUserVersion   = `PRAGMA user_version`

	sqlSetIdentity = `INSERT INTO ledger (origin, key) VALUES (?, ?)`
	sqlIdentity    = `SELECT origin, key FROM ledger`

	sqlSize      = `SELECT coalesce(max(seq) + 1, 0) FROM event`
	sqlNodeCount = `SELECT coalesce(max(id) + 1, 0) FROM node`
	sqlNode      = `SELECT hash FROM node WHERE id = ?`
	sqlNodes     = `SELECT id, hash FROM node WHERE id >= ? ORDER BY id LIMIT ?`
	sqlNodeTotal = `SELECT count(*) FROM node`

	sqlAddEvent      = `INSERT INTO event (seq, kind, subject, time, body) VALUES (?, ?, ?, ?, ?)`
	sqlAddNode       = `INSERT INTO node (id, hash) VALUES (?, ?)`
	sqlAddMention    = `INSERT INTO mention (name, seq) VALUES (?, ?)`
	sqlAddCite       = `INSERT INTO cite (digest, seq) VALUES (?, ?)`
	sqlAddTaking     = `INSERT INTO taking (source, seq, time, copies, bytes) VALUES (?, ?, ?, ?, ?)`
	sqlAddCheckpoint = `INSERT INTO checkpoint (size, note) VALUES (?, ?)`

	sqlEvent          = `SELECT body FROM event WHERE seq = ?`
	sqlEventRows      = `SELECT seq, kind, subject, time, substr(body, 1, 1048577) FROM event WHERE seq >= ? ORDER BY seq LIMIT ?`
	sqlCheckpoints    = `SELECT size, note FROM checkpoint ORDER BY size`
	sqlLastCheckpoint = `SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1`
	sqlCheckpointAt   = `SELECT note FROM checkpoint WHERE size = ?`

	sqlKeepEvidence  = `INSERT INTO evidence (digest, size, bytes) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING`
	sqlHasEvidence   = `SELECT count(*) FROM evidence WHERE digest = ?`
	sqlEvidence      = `SELECT bytes IS NULL, bytes FROM evidence WHERE digest = ?`
	sqlEraseEvidence = `UPDATE evidence SET bytes = NULL WHERE digest = ?`
	sqlEvidenceRows  = `SELECT rowid, digest, size, bytes IS NULL, substr(bytes, 1, 67108865) FROM evidence WHERE rowid > ? ORDER BY rowid LIMIT 1`
	sqlUncited       = `SELECT digest, min(seq) FROM cite WHERE digest NOT IN (SELECT digest FROM evidence) GROUP BY digest ORDER BY min(seq) LIMIT 1`
	sqlFirstCite     = `SELECT coalesce(min(seq), -1) FROM cite WHERE digest = ?`
	sqlErased        = `SELECT count(*) FROM event WHERE kind = ? AND subject = ?`

	sqlHasMention   = `SELECT count(*) FROM mention WHERE name = ? AND seq = ?`
	sqlHasCite      = `SELECT count(*) FROM cite WHERE digest = ? AND seq = ?`
	sqlHasTaking    = `SELECT count(*) FROM taking WHERE source = ? AND seq = ? AND time = ? AND copies = ? AND bytes = ?`
	sqlCountDerived = `SELECT (SELECT count(*) FROM mention), (SELECT count(*) FROM cite), (SELECT count(*) FROM taking)`

	sqlTaken = `SELECT count(*), coalesce(sum(copies), 0), coalesce(sum(bytes), 0) FROM taking WHERE source = ? AND time >= ? AND time < ?`
)

// Parts of the query that Events builds.
const (
	sqlFind         = `SELECT body FROM event WHERE seq >= ?`
	sqlFindSubject  = ` AND subject = ?`
	sqlFindKind     = ` AND kind IN (?` // closed by the caller
	sqlFindMention  = ` AND seq IN (SELECT seq FROM mention WHERE name = ?)`
	sqlFindEvidence = ` AND seq IN (SELECT seq FROM cite WHERE digest = ?)`
	sqlFindSince    = ` AND time >= ?`
	sqlFindUntil    = ` AND time < ?`
	sqlFindOldest   = ` ORDER BY seq`
	sqlFindNewest   = ` ORDER BY seq DESC`
	sqlFindLimit    = ` LIMIT ?`
)
