package ledger

import (
	"database/sql"
	"fmt"
	"slices"
	"sync"
)

// object is a row of SQLite's schema.
type object struct{ kind, name, text string }

// wanted is the schema as SQLite records it, read back from an empty database.
var wanted = sync.OnceValues(func() ([]object, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		return nil, err
	}
	return readSchema(db)
})

func readSchema(db *sql.DB) ([]object, error) {
	rows, err := db.Query(sqlSchema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.text); err != nil {
			return nil, err
		}
		found = append(found, o)
	}
	return found, rows.Err()
}

// checkSchema holds that the tables, indexes and triggers are those that
// Limner makes: a view in a table's place could show anything.
func checkSchema(db *sql.DB) error {
	want, err := wanted()
	if err != nil {
		return err
	}
	got, err := readSchema(db)
	if err != nil {
		return err
	}
	for _, o := range want {
		if !slices.Contains(got, o) {
			return fmt.Errorf("its %s %s is missing or was altered", o.kind, o.name)
		}
	}
	for _, o := range got {
		if !slices.Contains(want, o) {
			return fmt.Errorf("it has a %s %q that Limner did not make", o.kind, o.name)
		}
	}
	return nil
}
